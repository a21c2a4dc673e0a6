import { AdminSection } from './admin/index.js';
import { AuditSection } from './audit/index.js';
import { AuthSection, OAuthSection, PolicySection, SecuritySection } from './auth/index.js';
import { TimeoutSection } from './config/index.js';
import { CorsSection, HeadersSection, ServerSection, TlsSection } from './downstream/index.js';
import type { ShapeClass } from './extension/index.js';
import { ArgumentsSection } from './filters/index.js';
import { RateLimitingSection } from './limits/index.js';
import { LoggingSection } from './logging/index.js';
import { MetricsSection } from './metrics/index.js';
import { PinningSection } from './pinning/index.js';
import { OutboundSection } from './outbound/index.js';
import { GatewaySection } from './routing/index.js';
import { SessionSection } from './session/index.js';
import { RedisSection } from './storage/index.js';
import { UpstreamSection } from './upstream/index.js';

/** Every section of the configuration, in the order of the example file and the reference. */
export const SECTIONS: readonly ShapeClass[] = [
  ServerSection,
  TlsSection,
  GatewaySection,
  UpstreamSection,
  OutboundSection,
  TimeoutSection,
  SessionSection,
  SecuritySection,
  CorsSection,
  HeadersSection,
  AuthSection,
  OAuthSection,
  PinningSection,
  ArgumentsSection,
  RateLimitingSection,
  RedisSection,
  PolicySection,
  AdminSection,
  AuditSection,
  MetricsSection,
  LoggingSection,
];
