import { ArrayMaxSize, IsInt, IsString, Max, Min } from 'class-validator';

import { Doc, IsDuration, Section } from '../config/index.js';
import { IsSealingSecret } from './sealing-secrets.js';

@Section('session')
export class SessionSection {
  @Doc(
    'How long a session may be silent before it is ended. Where other processes have its key too (`keys`), it is only set aside: what was kept for it here is let go, and its id brings it back.',
  )
  @IsDuration({ min: 1_000 })
  readonly idleTimeout: number = 30 * 60_000;

  @Doc('How long a session may live at all.')
  @IsDuration({ min: 1_000 })
  readonly maxAge: number = 24 * 60 * 60_000;

  @Doc(
    'How many sessions are kept at once. Beyond that, those silent longest are set aside until their next request, and new ones are refused only when all are busy.',
  )
  @IsInt()
  @Min(1)
  @Max(1_000_000)
  readonly maxSessions: number = 10_000;

  @Doc(
    'How many of them one principal may have, where it had to say who it is: sessions over Streamable HTTP, and as many connections that are sessions (WebSocket, HTTP+SSE). Beyond that its own session that was silent longest is set aside, and a new one is refused when all are busy. Others notice nothing.',
  )
  @IsInt()
  @Min(1)
  @Max(1_000_000)
  readonly maxSessionsPerPrincipal: number = 1_000;

  @Doc(
    'Secrets that session ids and cursors are sealed with, each of at least 32 bytes, in base64 or as plain text: `"${SESSION_KEY}"` or `"${file:/run/secrets/session}"`. The first seals, all of them open. Every process that has them serves any session; without any, sessions end with the process.',
  )
  @IsString({ each: true })
  @IsSealingSecret({ each: true })
  @ArrayMaxSize(16)
  readonly keys: readonly string[] = [];

  @Doc(
    'How long a client over Streamable HTTP may take to come back for what a broken event stream still had to tell it (`Last-Event-ID`). `0` keeps nothing: what was said on a broken stream is lost.',
  )
  @IsDuration()
  readonly resumeWindow: number = 60_000;

  @Doc('How many messages of its event streams are kept for one session to come back for; the oldest make room.')
  @IsInt()
  @Min(1)
  @Max(1_000_000)
  readonly resumeMaxEvents: number = 1_000;

  @Doc('How many bytes of such messages are kept for one session. One that is longer by itself is not kept at all.')
  @IsInt()
  @Min(4_096)
  @Max(1_073_741_824)
  readonly resumeMaxBytes: number = 4 * 1_024 * 1_024;

  @Doc('How many bytes of such messages are kept for all sessions together.')
  @IsInt()
  @Min(65_536)
  @Max(17_179_869_184)
  readonly resumeTotalBytes: number = 64 * 1_024 * 1_024;
}
