package dev.tokenbroker.operate.changes;

import dev.tokenbroker.base.files.LineFile;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The timeline in a file of JSON lines. At {@value #MAX_BYTES} bytes the file is renamed to {@code
 * .1}, which replaces the one before, and a new one begins. Not safe for use by several threads.
 */
final class ChangeFile {

  static final int MAX_BYTES = 4 * 1024 * 1024;

  /** Longer than any line that the broker writes: four texts of 256 characters. */
  private static final int MAX_LINE_BYTES = 16 * 1024;

  private final LineFile file;
  private final LineFile former;

  ChangeFile(Path path) {
    this.file = new LineFile(path);
    this.former = new LineFile(file.beside("1"));
  }

  /** Reads the last events, the oldest first; lines that are no events are left out. */
  List<ChangeEvent> last(int most) throws IOException {
    List<ChangeEvent> events = new ArrayList<>(read(former));
    events.addAll(read(file));
    return events.subList(Math.max(0, events.size() - most), events.size());
  }

  private static List<ChangeEvent> read(LineFile file) throws IOException {
    try (InputStream input = file.read()) {
      // Twice the bound, for a file that was written before a crash or by hand.
      byte[] content = input.readNBytes(2 * MAX_BYTES);
      // One character for each byte, until a line is parsed.
      String text = new String(content, StandardCharsets.ISO_8859_1);
      return text.substring(0, text.lastIndexOf('\n') + 1)
          .lines()
          .filter(line -> line.length() <= MAX_LINE_BYTES)
          .flatMap(line -> ChangeLine.parse(line.getBytes(StandardCharsets.ISO_8859_1)).stream())
          .toList();
    } catch (NoSuchFileException _) {
      return List.of();
    }
  }

  /** Appends an event. After a failure, the next call opens the file again. */
  void append(ChangeEvent event) throws IOException {
    byte[] line = ChangeLine.inFile(event);
    if (file.size() + line.length > MAX_BYTES) {
      file.rotate(1);
    }
    file.append(line);
  }

  /** Closes the file; the next event opens it again. */
  void close() {
    file.close();
  }
}
