import { Global, Module } from '@nestjs/common';

import { AUDIT_TRAIL } from '../core/audit-trail.js';
import { Asked } from './asked.js';
import { AuditFilter } from './audit.filter.js';
import { AuditLog } from './audit-log.js';
import { AuditService } from './audit.service.js';
import { ExchangeRecords } from './exchange-records.js';
import { GatewayRecords } from './gateway-records.js';

/** The audit log: hears everything, and is asked only whether it can be written. */
@Global()
@Module({
  providers: [
    Asked,
    AuditFilter,
    AuditLog,
    AuditService,
    ExchangeRecords,
    GatewayRecords,
    { provide: AUDIT_TRAIL, useExisting: AuditLog },
  ],
  exports: [AUDIT_TRAIL],
})
export class AuditModule {}
