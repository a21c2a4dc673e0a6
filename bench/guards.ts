import { createHash } from 'node:crypto';

/** What a client shows, and every request is judged by. */
export const KEY = 'a key of the load generator and of nobody else';

/** Everything that stands between a client and a server when a gateway is not open to everybody. */
export const GUARDS = `
[security.auth]
enabled = true
[[security.auth.api_keys]]
name = "load"
sha256 = "${createHash('sha256').update(KEY).digest('hex')}"
roles = ["agent"]
[[security.policy.rules]]
name = "agents call what echoes"
roles = ["agent"]
tools = ["echo*"]
[[security.policy.rules]]
name = "everybody else reads"
prompts = ["*"]
resources = ["*"]
[security.rate_limiting]
enabled = true
requests_per_minute = 100_000_000
burst_size = 1_000_000
key_strategy = "user_id"
[security.rate_limiting.global]
requests_per_minute = 100_000_000
burst_size = 1_000_000
`;
