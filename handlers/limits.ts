/** What one client may use of the service. */
export interface Limits {
  /** Bytes of a received message; beyond it: close 1009. */
  maxMessageSize: number;
  /** Bytes of one connection's unsent replies; beyond it: close 1013. */
  maxBuffered: number;
  /** Connections at a time; beyond it: status 503. */
  maxConnections: number;
  /**
   * Seconds without a message or pong, after which a connection is closed with
   * 1001; a ping goes out after half of it. 0: never.
   */
  idleTimeout: number;
}

const MIB = 1_048_576;

export const DEFAULT_LIMITS: Limits = {
  maxMessageSize: 16 * MIB,
  maxBuffered: 16 * MIB,
  maxConnections: 10_000,
  idleTimeout: 30,
};
