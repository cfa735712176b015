package dev.tokenbroker.peers.store;

import java.time.Instant;
import java.util.Arrays;

/** An entry of a log in the store. Two entries with the same time and content are the same. */
public final class LogEntry {

  /** The longest content, in bytes. */
  public static final int MAX_BYTES = StoreKey.MAX_CONTENT_BYTES;

  private final Instant written;
  private final byte[] content;

  /**
   * @param written whole milliseconds, by the clock of the replica that wrote it first
   * @param content {@link #MAX_BYTES} at most
   */
  public LogEntry(Instant written, byte[] content) {
    if (content.length > MAX_BYTES) {
      throw new IllegalArgumentException("an entry of " + content.length + " bytes");
    }
    this.written = Instant.ofEpochMilli(written.toEpochMilli());
    this.content = content.clone();
  }

  /** When it was written, by the clock of the replica that wrote it first. */
  public Instant written() {
    return written;
  }

  public byte[] content() {
    return content.clone();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof LogEntry entry
        && written.equals(entry.written)
        && Arrays.equals(content, entry.content);
  }

  @Override
  public int hashCode() {
    return 31 * written.hashCode() + Arrays.hashCode(content);
  }
}
