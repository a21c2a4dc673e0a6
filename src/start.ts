import { once } from 'node:events';

import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { Logger } from 'pino';

import { AdminListener, describeAdminApi } from './admin/index.js';
import { announce, settled } from './announcement.js';
import { AppModule } from './app.module.js';
import {
  type ConfigProblem,
  ConfigRejection,
  ConfigService,
  type ConfigSource,
  inOrder,
  openConfig,
  type OpenedConfig,
} from './config/index.js';
import { GatewayError } from './core/errors.js';
import { TOPOLOGY_VIEW, type TopologyView } from './core/views.js';
import {
  FrontAdapter,
  McpWsAdapter,
  ServerSection,
  TlsIdentity,
  TlsSection,
  UnixListener,
  useSecurityHeaders,
} from './downstream/index.js';
import { letHeapGrow } from './heap.js';
import { FrameworkLogger, type LoggingOptions, ROOT_LOGGER } from './logging/index.js';
import { MetricsServer } from './metrics/index.js';
import { type Approvals, approvalFileOf, readApprovals } from './pinning/index.js';
import { type ToldTools, TopologyService } from './routing/index.js';
import { SECTIONS } from './sections.js';
import { UpstreamSection } from './upstream/index.js';
import { ProcessLifecycle } from './lifecycle.js';
import { Signals, stop, stopMs } from './stop.js';
import {
  becomePrimary,
  configInForce,
  isLate,
  isWorker,
  slotOfProcess,
  StartSteps,
  workerCount,
} from './workers/index.js';
import { WORKER_BUS } from './core/worker-bus.js';

/** Connections that may wait to be accepted: a restart brings all clients back at once. */
const BACKLOG = 4_096;

/** How the gateway is to be started. */
export interface StartOptions {
  readonly config: ConfigSource;
  /** Overrides the configured level. */
  readonly logLevel?: string;
  /** Readable logs at level debug. */
  readonly dev: boolean;
}

/**
 * Starts the gateway and settles when it listens. SIGTERM and SIGINT stop it at any time, SIGHUP reloads.
 *
 * @throws ConfigRejection; `config_invalid` when an address cannot be listened on
 */
export async function runGateway(options: StartOptions): Promise<void> {
  const signals = new Signals();
  const opened = await open(options);
  const workers = workerCount(opened.snapshot.get(ServerSection).workers);
  if (workers > 1 && !isWorker() && opened.problems.length === 0) return becomePrimary(workers);
  const app = await createApp(opened, options);
  signals.attach(app);
  const together = new StartSteps(app.get(WORKER_BUS));
  together.checked(app.get(ConfigService).text);
  try {
    await app
      .get(ProcessLifecycle)
      .start([
        () => app.init(),
        () => app.get(MetricsServer).start(),
        () => app.get(TopologyService).start(),
        () => takeTurn(app, together, signals),
        () => listen(app),
        () => app.get(UnixListener).start(),
        () => app.get(AdminListener).start(),
        () => announceTogether(app, together),
      ]);
    letHeapGrow();
  } catch (thrown) {
    await stop(app);
    throw thrown;
  }
}

/** Waits until this worker may listen. One that comes later than the others does not before it has something to serve with. */
async function takeTurn(app: NestExpressApplication, together: StartSteps, signals: Signals): Promise<void> {
  const config = app.get(ConfigService);
  if (isLate()) await settled(app.get<TopologyView>(TOPOLOGY_VIEW));
  const order = await together.prepared({
    generation: config.generation,
    stopMs: stopMs(app),
    logLevel: app.get<Logger>(ROOT_LOGGER).level,
  });
  if (order === 'leave') signals.end('SIGTERM');
  app.get(UnixListener).isFirst = order === 'first';
}

async function announceTogether(app: NestExpressApplication, together: StartSteps): Promise<void> {
  const announces = await together.listening();
  app.get(ProcessLifecycle).waitsForOthers = false;
  if (announces) await announce(app);
}

/** Everything that is wrong with a configuration. Opens no port and starts no child. */
export async function validateGateway(options: StartOptions): Promise<readonly ConfigProblem[]> {
  try {
    await createApp(await open(options), options);
    return [];
  } catch (thrown) {
    if (thrown instanceof ConfigRejection) return thrown.problems;
    throw thrown;
  }
}

/** What there is to approve, and what was. */
export interface ToolSurvey {
  /** Where approvals are kept. */
  readonly file: string;
  readonly approvals: Approvals;
  readonly told: readonly ToldTools[];
}

const LONG_MS = 60_000;

/**
 * Asks every configured server for its tools. Opens no port.
 *
 * @throws ConfigRejection
 */
export async function surveyTools(options: StartOptions): Promise<ToolSurvey> {
  const app = await createApp(await open(options), options);
  // No timer of the gateway keeps a process alive, and here is no listener that does.
  const awake = setInterval(() => undefined, LONG_MS);
  try {
    await app.init();
    await app.get(TopologyService).start();
    const { snapshot } = app.get(ConfigService);
    const { connectTimeout, initializeTimeout } = snapshot.get(UpstreamSection);
    const told = await app.get(TopologyService).toldTools(connectTimeout + initializeTimeout);
    const file = approvalFileOf(snapshot);
    return { file, approvals: readApprovals(file)?.approvals ?? new Map(), told };
  } finally {
    await stop(app);
    clearInterval(awake);
  }
}

/** What a configuration says, and what is wrong with it as far as that can be read. @throws ConfigRejection */
function open({ config }: StartOptions): ReturnType<typeof openConfig> {
  return openConfig({ source: config, sections: SECTIONS, environment: process.env, inForce: configInForce() });
}

/** The whole application, put together and checked, with nothing started. @throws ConfigRejection */
async function createApp(
  opened: Awaited<ReturnType<typeof openConfig>>,
  { logLevel, dev }: StartOptions,
): Promise<NestExpressApplication> {
  const { problems } = opened;
  const logging = {
    level: logLevel ?? (dev ? 'debug' : undefined),
    readable: dev || undefined,
    worker: slotOfProcess(),
  };
  try {
    const app = await compose(opened, logging);
    const found = await app.get(ConfigService).verify();
    const all = inOrder([
      ...problems,
      ...found.filter(({ key }) => !problems.some((known) => related(known.key, key))),
    ]);
    if (all.length > 0) throw new ConfigRejection(all);
    return app;
  } catch (thrown) {
    // Half a configuration may not even be enough to put the application together.
    throw problems.length > 0 && !(thrown instanceof ConfigRejection) ? new ConfigRejection(problems) : thrown;
  }
}

/** Whether one key is the other or lies within it: what is said of one may only follow from the other. */
function related(one: string, other: string): boolean {
  return one.startsWith(other) || other.startsWith(one);
}

async function compose(opened: OpenedConfig, logging: LoggingOptions): Promise<NestExpressApplication> {
  const { snapshot } = opened;
  const adapter = new FrontAdapter(snapshot.get(ServerSection), TlsIdentity.of(snapshot.get(TlsSection)));
  const app = await NestFactory.create<NestExpressApplication>(AppModule.forRoot(opened, logging), adapter, {
    abortOnError: false,
    bodyParser: false,
    bufferLogs: true,
  });
  app.useLogger(app.get(FrameworkLogger));
  app.useWebSocketAdapter(new McpWsAdapter(app));
  useSecurityHeaders(app);
  app.set('etag', false);
  describeAdminApi(app);
  return app;
}

async function listen(app: NestExpressApplication): Promise<void> {
  const { host, port } = app.get(ConfigService).get(ServerSection);
  try {
    await once(app.getHttpServer().listen({ port, host, backlog: BACKLOG }), 'listening');
  } catch (cause) {
    throw new GatewayError(
      'config_invalid',
      `[server] cannot listen on port ${port}: ${reasonOf(cause)}`,
      {},
      { cause },
    );
  }
}

function reasonOf(cause: unknown): string {
  const { code } = cause as { code?: unknown };
  if (code === 'EADDRINUSE') return 'it is in use';
  if (code === 'EACCES') return 'this user may not use it';
  return 'the host is not an address of this machine';
}
