import { IsOptional, IsString, Matches, MaxLength } from 'class-validator';

import { Doc, IsDuration, Section } from '../../config/index.js';

/** Only as much of it as never shows a password in a message. */
const URL_FORM = /^(rediss?:\/\/[^\s/]|unix:\/\/\/)\S*$/;

/** The Redis that all processes of a deployment share. */
@Section('redis')
export class RedisSection {
  @Doc(
    'Where Redis is: `redis://host:6379/0`, `rediss://host:6380` over TLS, or `unix:///run/redis.sock`. A user and a password may stand before the host; write the whole url, or the password, as `${REDIS_URL}` or `${file:/run/secrets/redis}`. Left out, nothing is shared.',
    { example: 'redis://redis.internal:6379/0' },
  )
  @IsOptional()
  @IsString()
  @Matches(URL_FORM, { message: 'must begin with redis://, rediss:// or unix:///' })
  readonly url: string | undefined = undefined;

  @Doc('What every key begins with. Deployments that share one Redis and are to count apart need different ones.')
  @IsString()
  @MaxLength(128)
  readonly keyPrefix: string = 'mcp-gateway:';

  @Doc('How long one command may take. Whatever takes longer is done without Redis.')
  @IsDuration({ min: 1, max: 10_000 })
  readonly commandTimeout: number = 100;

  @Doc('How long it may take to connect.')
  @IsDuration({ min: 10, max: 60_000 })
  readonly connectTimeout: number = 2_000;
}
