/** A command line that means nothing. The message is for the person who typed it. */
export class UsageError extends Error {}
