/** Tests of what not every system has; elsewhere they are ignored. */

const { os } = Deno.build;

/** For tests that read `/proc`, or have several workers share a port. */
export const testOnLinux = os === "linux" ? Deno.test : Deno.test.ignore;

/** For tests that end a program by a signal that it handles, or need a shell. */
export const testOnUnix = os === "windows" ? Deno.test.ignore : Deno.test;
