package dev.tokenbroker.operate.recording;

import dev.tokenbroker.base.json.JsonBytes;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The form of a recording: JSON lines, of which the first one describes the recording. */
final class RecordingFile {

  static final String HEAD = "token_broker_recording";
  static final long VERSION = 1;

  private RecordingFile() {}

  /** Writes the whole recording. */
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
}
