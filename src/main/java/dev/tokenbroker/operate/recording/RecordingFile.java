package dev.tokenbroker.operate.recording;

import dev.tokenbroker.base.jose.JsonBytes;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The file of a recording, in JSON lines. The first line describes the recording. Each write
 * replaces the whole file, so a reader never sees a partial one. Only the owner may read the file.
 */
final class RecordingFile {

  static final String HEAD = "token_broker_recording";
  static final long VERSION = 1;

  private final Path path;
  private final int keep;

  RecordingFile(Path path, int keep) {
    this.path = path;
    this.keep = keep;
  }

  /** Replaces the file's content with this sample. */
  void write(Sample sample, long lost, Instant now) throws IOException {
    Path next = sibling("tmp");
    Files.deleteIfExists(next);
    Files.createFile(
        next, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    try (OutputStream out =
        new BufferedOutputStream(Files.newOutputStream(next, StandardOpenOption.WRITE))) {
      write(out, sample, lost, now);
    }
    var _ = Files.move(next, path, StandardCopyOption.ATOMIC_MOVE);
  }

  /** Writes what the file would hold. */
  static void write(OutputStream out, Sample sample, long lost, Instant now) throws IOException {
    List<Sample.SampledRequest> requests = sample.requests();
    Map<String, Object> head = new LinkedHashMap<>();
    head.put(HEAD, VERSION);
    head.put("began", sample.began().toString());
    head.put("written", now.toString());
    head.put("requests", (long) requests.size());
    head.put("not_kept", sample.notKept());
    head.put("lost", lost);
    line(out, JsonBytes.of(head));
    for (Sample.SampledRequest seen : requests) {
      line(out, seen.line());
    }
  }

  private static void line(OutputStream out, byte[] json) throws IOException {
    out.write(json);
    out.write('\n');
  }

  /** Makes room for a new file: the present one becomes number 1, and the oldest is deleted. */
  void rotate() throws IOException {
    if (!Files.exists(path)) {
      return;
    }
    if (keep == 0) {
      Files.delete(path);
      return;
    }
    for (int number = keep; number > 1; number--) {
      if (Files.exists(sibling("" + (number - 1)))) {
        move(sibling("" + (number - 1)), sibling("" + number));
      }
    }
    move(path, sibling("1"));
  }

  private static void move(Path from, Path to) throws IOException {
    var _ = Files.move(from, to, StandardCopyOption.REPLACE_EXISTING);
  }

  private Path sibling(String suffix) {
    return path.resolveSibling(path.getFileName() + "." + suffix);
  }
}
