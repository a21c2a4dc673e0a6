import { request } from 'node:http';

import type { RunningGateway } from './gateway.ts';
import { until } from './until.ts';

/** What came back. */
export interface Answered<Body = Record<string, never>> {
  readonly status: number;
  readonly headers: Record<string, unknown>;
  readonly body: Body;
  readonly text: string;
}

export interface Asked {
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: object;
}

/** Sends one request over a connection of its own: the next one goes to the next worker. */
export function ask<Body>(
  url: string | URL,
  { method = 'GET', headers = {}, body }: Asked = {},
): Promise<Answered<Body>> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { method, headers: { connection: 'close', ...headers }, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString();
        const isJson = response.headers['content-type']?.includes('json') === true && text !== '';
        const parsed = (isJson ? JSON.parse(text) : {}) as Body;
        resolve({ status: response.statusCode!, headers: response.headers, body: parsed, text });
      });
    });
    sent.on('error', reject);
    sent.end(body && JSON.stringify(body));
  });
}

export interface WorkerRow {
  readonly worker: number;
  readonly pid: number | null;
  readonly state: string;
  readonly restarts: number;
}

/** The workers of a gateway, whichever of them says so. */
export async function workersOf(gateway: RunningGateway): Promise<WorkerRow[]> {
  return (await ask<{ workers: WorkerRow[] }>(new URL('/api/v1/workers', gateway.url))).body.workers;
}

/** Resolves when all of them are ready. */
export async function allReady(gateway: RunningGateway): Promise<WorkerRow[]> {
  return until(async () => {
    const workers = await workersOf(gateway).catch(() => []);
    return workers.length > 0 && workers.every(({ state }) => state === 'ready') && workers;
  }, 'all workers to be ready');
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** The values of a metric, by their labels as text. */
export async function metricOf(gateway: RunningGateway, name: string): Promise<Map<string, number>> {
  const { text } = await ask(gateway.metricsUrl);
  const rows = [...text.matchAll(new RegExp(`^${name}(\\{[^}]*\\})? (\\S+)$`, 'gm'))];
  return new Map(rows.map(([, labels = '', value]) => [labels, Number(value)]));
}

export async function totalOf(gateway: RunningGateway, name: string): Promise<number> {
  return [...(await metricOf(gateway, name)).values()].reduce((sum, value) => sum + value, 0);
}
