import type { ConfigService } from '../../config/index.js';
import { ADMIN_DESTINATION } from '../credentials.js';
import { SecuritySection } from '../security.section.js';
import { OAuthSection } from './oauth.section.js';
import { Resources } from './resources.js';

describe('what a token must be issued for', () => {
  let security: SecuritySection;
  let resources: Resources;

  const configure = (publicUrl: string | undefined): void => {
    security = Object.assign(new SecuritySection(), { publicUrl });
  };
  const of = (route: string, host = 'localhost:1') => resources.audiencesOf({ route, headers: { host } });

  beforeEach(() => {
    const oauth = Object.assign(new OAuthSection(), { authorizationServers: ['https://id.example'] });
    const config = { get: (section: unknown) => (section === OAuthSection ? oauth : security) };
    resources = new Resources(config as unknown as ConfigService);
  });

  it('is remembered for each route', () => {
    configure('https://gw.example//');
    const known = of('crm');
    expect(known).toEqual([
      'https://gw.example/mcp/crm',
      'https://gw.example/sse/crm',
      'https://gw.example',
      'https://gw.example/',
    ]);
    expect(of('crm')).toBe(known);
    expect(of('mcp')).toContain('https://gw.example/mcp');
    expect(of(ADMIN_DESTINATION)).toEqual(['https://gw.example', 'https://gw.example/']);
  });

  it('is another one as soon as the configuration is', () => {
    configure('https://gw.example');
    of('mcp');
    configure('https://new.example');
    expect(of('mcp')).toContain('https://new.example/mcp');
    expect(of('mcp')).not.toContain('https://gw.example/mcp');
  });

  it('is never remembered where it goes by what the request says', () => {
    configure(undefined);
    expect(of('mcp', 'localhost:1')).toContain('http://localhost:1/mcp');
    expect(of('mcp', 'localhost:2')).toContain('http://localhost:2/mcp');
    expect(resources.audiencesOf({ route: 'mcp', headers: undefined })).toEqual([]);
  });

  it('is right for any number of routes', () => {
    configure('https://gw.example');
    for (let n = 0; n < 2_500; n++) expect(of(`r${n}`)?.[0]).toBe(`https://gw.example/mcp/r${n}`);
    expect(of('r0')?.[0]).toBe('https://gw.example/mcp/r0');
  });
});
