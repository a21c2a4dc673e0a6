import { ANONYMOUS } from '../core/principal.js';
import { AuthService } from './auth.service.js';

describe('AuthService', () => {
  it('takes everybody for anonymous, whatever the request carries', () => {
    const auth = new AuthService();
    expect(auth.authenticate({ headers: {} })).toBe(ANONYMOUS);
    expect(auth.authenticate({ headers: { authorization: 'Bearer anything' } })).toBe(ANONYMOUS);
  });
});
