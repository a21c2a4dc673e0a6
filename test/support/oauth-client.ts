/** What a client of either official SDK keeps of its dealings with an authorization server, in memory. */
export class OAuthMemory<
  Information,
  Tokens extends { readonly access_token: string; readonly scope?: string | undefined },
> {
  readonly redirectUrl = 'http://127.0.0.1:9/callback';
  readonly clientMetadata = {
    client_name: 'test',
    redirect_uris: [this.redirectUrl],
    grant_types: ['authorization_code'],
    response_types: ['code'],
    token_endpoint_auth_method: 'none',
    application_type: 'native' as const,
  };
  /** Where the browser was sent. */
  readonly authorizations: URL[] = [];
  granted: Tokens | undefined;
  private information: Information | undefined;
  private verifier = '';

  clientInformation(): Information | undefined {
    return this.information;
  }

  saveClientInformation(information: Information): void {
    this.information = information;
  }

  tokens(): Tokens | undefined {
    return this.granted;
  }

  saveTokens(tokens: Tokens): void {
    this.granted = tokens;
  }

  redirectToAuthorization(url: URL): void {
    this.authorizations.push(url);
  }

  saveCodeVerifier(verifier: string): void {
    this.verifier = verifier;
  }

  codeVerifier(): string {
    return this.verifier;
  }
}
