import { revisionOf } from '../../../protocol/index.js';
import type { ServerSettings } from '../../server-settings.js';
import { SessionRefusal } from './session-refusal.js';

const VISIBLE_ASCII = /^[\x21-\x7e]{1,1024}$/;

export type Headers = Readonly<Record<string, string>>;

/** What the messages to one server over HTTP have in common. */
export interface HttpSession {
  /** Whether the server gave us a session, which it can then lose. */
  readonly exists: boolean;
  /** Whether a stream that ends too early may be continued. */
  readonly resumes: boolean;
  readonly post: Headers;
  readonly get: Headers;
  /** Whether a response of this status may bring the reply. */
  brings(status: number): boolean;
  /** A status that may say that the server does not know our session any more; the body may have to be read. */
  refusal(status: number): SessionRefusal | undefined;
  /** Takes the session id that came with a reply. */
  adopt(id: string | undefined): void;
  /** The revision that was agreed on. */
  negotiated(revision: string): void;
}

/**
 * What every HTTP message to one legacy server says in its headers: credentials of the configuration, the
 * session the server gave, the revision that was agreed on.
 */
export class KeptSession implements HttpSession {
  readonly resumes = true;
  private sessionId: string | undefined;
  private revision: string | undefined;
  private forPost!: Headers;
  private forGet!: Headers;

  constructor(private readonly settings: Pick<ServerSettings, 'headers'>) {
    this.refresh();
  }

  get exists(): boolean {
    return this.sessionId !== undefined;
  }

  brings(status: number): boolean {
    return status === 200;
  }

  refusal(status: number): SessionRefusal | undefined {
    return this.exists && (status === 404 || status === 400) ? new SessionRefusal(status) : undefined;
  }

  get post(): Headers {
    return this.forPost;
  }

  get get(): Headers {
    return this.forGet;
  }

  /** Takes the id that came with the reply to `initialize`. One that is not visible ASCII is as good as none. */
  adopt(id: string | undefined): void {
    if (id === undefined || id === this.sessionId || !VISIBLE_ASCII.test(id)) return;
    this.sessionId = id;
    this.refresh();
  }

  negotiated(revision: string): void {
    this.revision = revision;
    this.refresh();
  }

  private refresh(): void {
    const common = Object.fromEntries(
      Object.entries(this.settings.headers).map(([name, value]) => [name.toLowerCase(), value]),
    );
    if (this.sessionId !== undefined) common['mcp-session-id'] = this.sessionId;
    if (this.revision !== undefined && revisionOf(this.revision)?.versionHeader) {
      common['mcp-protocol-version'] = this.revision;
    }
    this.forGet = { ...common, accept: 'text/event-stream' };
    this.forPost = {
      ...common,
      accept: 'application/json, text/event-stream',
      'content-type': 'application/json',
    };
  }
}
