/** The gateway's version, as the program says it and as its own log does. */
export const VERSION = '0.1.0';
