package dev.tokenbroker.base.files;

import dev.tokenbroker.base.files.FileContent.Usable;
import dev.tokenbroker.base.text.Sha256;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A small file with secrets that is looked at again and again, and read anew when it has changed.
 *
 * <p>A change is detected by content, since not every kind of volume shows it by a time or a name.
 * Of the bytes only a digest is kept. Safe for use by several threads.
 *
 * @param <T> the value of the file
 */
public final class WatchedFile<T> {

  private final Path path;
  private final int maxBytes;
  private final Function<byte[], FileContent<T>> reader;
  private final BiConsumer<@Nullable FileContent<T>, FileContent<T>> changed;
  private byte[] digest = {};
  private @Nullable FileContent<T> last;

  /**
   * A file that has not been looked at yet.
   *
   * @param reader reads changed bytes
   * @param changed takes the content before, null at the first look, and the one now; called by one
   *     thread at a time
   */
  public WatchedFile(
      Path path,
      int maxBytes,
      Function<byte[], FileContent<T>> reader,
      BiConsumer<@Nullable FileContent<T>, FileContent<T>> changed) {
    this.path = path;
    this.maxBytes = maxBytes;
    this.reader = reader;
    this.changed = changed;
  }

  public Path path() {
    return path;
  }

  /** The content as it is now. */
  public synchronized FileContent<T> look() {
    FileContent<byte[]> bytes = FileContent.bytes(path, maxBytes);
    byte[] seen =
        Sha256.of(
            bytes instanceof Usable<byte[]>(byte[] content)
                ? content
                : bytes.toString().getBytes(StandardCharsets.UTF_8));
    FileContent<T> before = last;
    if (before != null && MessageDigest.isEqual(digest, seen)) {
      return before;
    }
    // It counts as seen once it is read: a failure, for lack of memory say, is tried again.
    FileContent<T> now = bytes.then(reader);
    last = now;
    digest = seen;
    changed.accept(before, now);
    return now;
  }
}
