const SECRET_NAME =
  /^bearer$|token|secret|passw|passphrase|authorization|credential|cookie|(api|private|access|signing|encryption)[_-]?key|[_-]key$|^keys$|^sha256$/i;

/** Whether what stands under this name is never to be printed. */
export function isSecretName(name: string): boolean {
  return SECRET_NAME.test(name);
}
