package dev.tokenbroker.operate.recording;

import dev.tokenbroker.base.files.LineFile;
import dev.tokenbroker.base.jose.JsonBytes;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
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

  private final LineFile file;
  private final int keep;

  RecordingFile(Path path, int keep) {
    this.file = new LineFile(path);
    this.keep = keep;
  }

  /** Replaces the file's content with this sample. */
  void write(Sample sample, long lost, Instant now) throws IOException {
    file.replace(output -> write(output, sample, lost, now));
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
    file.rotate(keep);
  }
}
