import { Injectable } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import type { Request } from 'express';
import { Strategy as PassportCustom } from 'passport';
import { HeaderAPIKeyStrategy } from 'passport-headerapikey';
import { BasicStrategy } from 'passport-http';

import { Reception } from '../reception.js';
import { basicToken } from '../methods/scheme-token.js';
import { answerWith, type PassportAnswer } from './passport-answer.js';
import { STRATEGY_NAMES } from './strategy-names.js';

/**
 * HTTP Basic. What the library reads of the header is wrong (it cuts passwords at a colon and takes any scheme that
 * has `Basic` in it), so nothing is left to it.
 */
@Injectable()
export class GatewayBasicStrategy extends PassportStrategy(BasicStrategy, STRATEGY_NAMES[0]) {
  constructor(private readonly reception: Reception) {
    super();
  }

  override authenticate(request: Request): void {
    const answer = this as unknown as PassportAnswer;
    if (basicToken(request.headers.authorization) === undefined) answer.fail();
    else answerWith(answer, this.reception, request);
  }

  /** Passport wants it; nothing calls it. */
  validate(): false {
    return false;
  }
}

/** API keys. The library makes a pattern of a prefix and scans keys; neither is used. */
@Injectable()
export class GatewayApiKeyStrategy extends PassportStrategy(HeaderAPIKeyStrategy, STRATEGY_NAMES[1]) {
  constructor(private readonly reception: Reception) {
    super({ header: 'X-API-Key', prefix: '' }, false);
  }

  override authenticate(request: Request): void {
    const answer = this as unknown as PassportAnswer;
    if (request.headers['x-api-key'] === undefined) answer.fail();
    else answerWith(answer, this.reception, request);
  }

  /** Passport wants it; nothing calls it. */
  validate(): false {
    return false;
  }
}

/** Everything else: tokens, client certificates, and nothing at all. */
@Injectable()
export class GatewayOtherStrategy extends PassportStrategy(PassportCustom, STRATEGY_NAMES[2]) {
  constructor(private readonly reception: Reception) {
    super();
  }

  override authenticate(request: Request): void {
    answerWith(this, this.reception, request);
  }

  /** Passport wants it; nothing calls it. */
  validate(): false {
    return false;
  }
}
