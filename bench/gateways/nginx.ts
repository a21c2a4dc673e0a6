import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { freePort } from '../../test/support/free-port.ts';
import { CORES } from '../cores.ts';
import { isInstalled, Program } from '../program.ts';
import { listens, ready } from '../ready.ts';
import { type GatewayAdapter, isAlike } from './gateway.ts';

/** One worker: a tunnel of bytes for WebSocket, a proxy with kept connections for HTTP. No log, nothing on disk. */
export const NGINX: GatewayAdapter = {
  name: 'nginx',
  version: () =>
    spawnSync('nginx', ['-v'], { encoding: 'utf8' })
      .stderr.replace(/.*nginx\//s, '')
      .trim(),
  refusal(scenario) {
    if (!isInstalled('nginx')) return 'nginx is not installed';
    return isAlike(scenario) && ['ws', 'http'].includes(scenario.downstream.transport)
      ? undefined
      : 'it does not translate between transports or revisions';
  },

  async start({ downstream }, place) {
    const port = await freePort();
    const file = join(place.directory, 'nginx.conf');
    writeFileSync(file, configuration(port, place.whole.port, place.directory));

    const nginx = new Program(['nginx', '-c', file, '-p', place.directory], {
      core: CORES.measured,
      log: join(place.directory, 'nginx.log'),
    });
    await ready(nginx, () => listens(port));
    return {
      url: `${downstream.transport}://127.0.0.1:${port}/mcp`,
      pid: nginx.pid,
      [Symbol.asyncDispose]: () => nginx[Symbol.asyncDispose](),
    };
  },
};

/** As fast as it can be: buffers that hold the largest reply, and an upstream connection for every client. */
function configuration(port: number, upstreamPort: number, directory: string): string {
  const paths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((of) => `${of}_temp_path ${directory}/${of};`);
  return `
daemon off;
master_process on;
worker_processes 1;
worker_rlimit_nofile 20000;
pid ${directory}/nginx.pid;
error_log ${directory}/error.log crit;
events { worker_connections 20000; multi_accept on; }
http {
  access_log off;
  ${paths.join('\n  ')}
  tcp_nodelay on;
  keepalive_requests 1000000000;
  keepalive_timeout 300s;
  client_max_body_size 64m;
  client_body_buffer_size 4m;
  proxy_max_temp_file_size 0;
  proxy_buffer_size 64k;
  proxy_buffers 32 64k;
  proxy_busy_buffers_size 256k;
  proxy_read_timeout 300s;
  map $http_upgrade $connection_to_upstream { default upgrade; '' ''; }
  upstream echo {
    server 127.0.0.1:${upstreamPort};
    keepalive 1024;
    keepalive_requests 1000000000;
    keepalive_timeout 300s;
  }
  server {
    listen 127.0.0.1:${port} backlog=4096;
    location / {
      proxy_pass http://echo;
      proxy_http_version 1.1;
      proxy_set_header Host $host;
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Connection $connection_to_upstream;
    }
  }
}
`;
}
