import { explainPolicy, PolicySection } from '../auth/index.js';
import { ConfigRejection, openConfig } from '../config/index.js';
import { principalOf } from '../core/principal.js';
import { SECTIONS } from '../sections.js';
import type { ExplainFlags } from './line/explain.line.js';
import { report, sourceOf } from './run.command.js';
import { EXIT, type ExitCode, type Terminal } from './terminal.js';

const VERDICTS = {
  allowed: 'allowed',
  hidden: 'hidden: it answers like something that does not exist',
  denied: 'denied: it is shown, but not to be used like this',
  scope: 'denied: it is shown, but needs scopes that the principal does not have',
} as const;

/** Says what the rules of a configuration make of one request. Connects to nothing. Fails where it is not allowed. */
export async function explain(terminal: Terminal, flags: ExplainFlags): Promise<ExitCode> {
  const source = sourceOf({ config: flags.config });
  try {
    const { environment } = terminal;
    const { snapshot, problems } = await openConfig({ source, sections: SECTIONS, environment });
    if (problems.length > 0) return report(terminal, source, problems);
    const { method, subject, roles, scopes, tenant, claims, kind, group, route, name } = flags;
    const { verdict, lines } = explainPolicy(snapshot.get(PolicySection), {
      principal: principalOf({ method, subject, roles, scopes, tenant, claims }),
      route,
      kind,
      target: { group, name },
      arguments: flags.arguments,
    });
    terminal.out(VERDICTS[verdict]);
    for (const line of lines) terminal.out(`  ${line}`);
    if (lines.length === 0) terminal.out('  there are no rules');
    return verdict === 'allowed' ? EXIT.ok : EXIT.failed;
  } catch (thrown) {
    if (thrown instanceof ConfigRejection) return report(terminal, source, thrown.problems);
    throw thrown;
  }
}
