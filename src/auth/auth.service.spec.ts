import { ANONYMOUS } from '../core/principal.js';
import { AuthService } from './auth.service.js';

const TO = { route: 'mcp', clientAddress: '192.0.2.1' };

describe('AuthService', () => {
  it('takes everybody for anonymous, whatever the request carries', () => {
    const auth = new AuthService();
    expect(auth.authenticate({ headers: {} }, TO)).toBe(ANONYMOUS);
    expect(auth.authenticate({ headers: { authorization: 'Bearer anything' } }, TO)).toBe(ANONYMOUS);
  });
});
