/** What one client may use of the service. */
export interface Limits {
  /** Bytes of a received message; beyond it: close 1009. */
  maxMessageSize: number;
  /** Bytes of a connection's unsent replies; beyond it: close 1013. */
  maxBuffered: number;
  /** Open connections; beyond it: status 503. */
  maxConnections: number;
  /**
   * Seconds without a message or pong until a connection is closed with 1001; a
   * ping is sent after half of them. 0: never.
   */
  idleTimeout: number;
}
