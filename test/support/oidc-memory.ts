import type { Adapter, AdapterPayload } from 'oidc-provider';

/**
 * What an authorization server remembers. Clients may ask for any scope later on, not only for those that they
 * registered with.
 */
export class OidcMemory implements Adapter {
  private readonly payloads = new Map<string, AdapterPayload>();

  constructor(private readonly model: string) {}

  async upsert(id: string, payload: AdapterPayload): Promise<void> {
    const { scope, ...rest } = payload;
    this.payloads.set(id, this.model === 'Client' || scope === undefined ? rest : payload);
  }

  async find(id: string): Promise<AdapterPayload | undefined> {
    return this.payloads.get(id);
  }

  async findByUid(uid: string): Promise<AdapterPayload | undefined> {
    return [...this.payloads.values()].find((payload) => payload.uid === uid);
  }

  async findByUserCode(): Promise<undefined> {
    return undefined;
  }

  async consume(id: string): Promise<void> {
    const payload = this.payloads.get(id);
    if (payload) payload.consumed = Math.floor(Date.now() / 1_000);
  }

  async destroy(id: string): Promise<void> {
    this.payloads.delete(id);
  }

  async revokeByGrantId(grantId: string): Promise<void> {
    for (const [id, payload] of this.payloads) if (payload.grantId === grantId) this.payloads.delete(id);
  }
}
