package dev.tokenbroker.operate.changes;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The timeline in a file of JSON lines. At {@value #MAX_BYTES} bytes the file is renamed to {@code
 * .1}, which replaces the one before, and a new one begins. Only the owner may read it. Not safe
 * for use by several threads.
 */
final class ChangeFile {

  static final int MAX_BYTES = 4 * 1024 * 1024;

  /** Longer than any line that the broker writes: four texts of 256 characters. */
  private static final int MAX_LINE_BYTES = 16 * 1024;

  private final Path path;
  private @Nullable OutputStream output;
  private long bytes;

  ChangeFile(Path path) {
    this.path = path;
  }

  /** Reads the last events, the oldest first; lines that are no events are left out. */
  List<ChangeEvent> last(int most) throws IOException {
    Deque<ChangeEvent> events = new ArrayDeque<>();
    read(former(), events, most);
    read(path, events, most);
    return new ArrayList<>(events);
  }

  private static void read(Path file, Deque<ChangeEvent> events, int most) throws IOException {
    if (!Files.exists(file)) {
      return;
    }
    try (InputStream input = Files.newInputStream(file)) {
      // Twice the bound, for a file that was written before a crash or by hand.
      byte[] content = input.readNBytes(2 * MAX_BYTES);
      int begin = 0;
      for (int at = 0; at < content.length; at++) {
        if (content[at] == '\n') {
          add(content, begin, at, events, most);
          begin = at + 1;
        }
      }
    }
  }

  private static void add(byte[] content, int begin, int end, Deque<ChangeEvent> events, int most) {
    if (end - begin > MAX_LINE_BYTES) {
      return;
    }
    ChangeLine.parse(Arrays.copyOfRange(content, begin, end)).ifPresent(events::addLast);
    if (events.size() > most) {
      events.removeFirst();
    }
  }

  /** Appends an event. After a failure, the next call opens the file again. */
  void append(ChangeEvent event) throws IOException {
    byte[] line = ChangeLine.inFile(event);
    try {
      if (output != null && bytes + line.length > MAX_BYTES) {
        rotate();
      }
      OutputStream open = output == null ? open() : output;
      open.write(line);
      bytes += line.length;
    } catch (IOException failed) {
      close();
      throw failed;
    }
  }

  private void rotate() throws IOException {
    close();
    Files.move(path, former(), StandardCopyOption.REPLACE_EXISTING);
  }

  private OutputStream open() throws IOException {
    FileChannel channel =
        FileChannel.open(
            path,
            Set.of(StandardOpenOption.CREATE, StandardOpenOption.APPEND),
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    OutputStream opened = Channels.newOutputStream(channel);
    output = opened;
    bytes = channel.size();
    if (bytes > 0) {
      // The last line may be torn. An empty line is left out by a reader.
      opened.write('\n');
      bytes++;
    }
    return opened;
  }

  /** Closes the file; the next event opens it again. */
  void close() {
    OutputStream open = output;
    output = null;
    if (open != null) {
      try {
        open.close();
      } catch (IOException leftToTheSystem) {
        bytes = 0;
      }
    }
  }

  private Path former() {
    return path.resolveSibling(path.getFileName() + ".1");
  }
}
