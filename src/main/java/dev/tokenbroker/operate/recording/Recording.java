package dev.tokenbroker.operate.recording;

import dev.tokenbroker.base.json.StrictJson;
import dev.tokenbroker.base.json.StrictJson.Nulls;
import dev.tokenbroker.base.refusal.Outcome;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The judged requests in a recording file.
 *
 * @param lost the number of requests that the broker could not record
 * @param notKept how often a request found no place in the sample
 */
public record Recording(List<RecordedRequest.Line> lines, long lost, long notKept) {

  /** The most lines of a recording. */
  static final int MAX_LINES = 1_000_001;

  /** Reports that a file is not a valid recording, with the line and the cause. */
  public static final class UnfitRecordingException extends Exception {
    private UnfitRecordingException(int line, String why) {
      super("line " + line + ": " + why, null, false, false);
    }
  }

  /** Reads a file. */
  public static Recording read(Path file) throws IOException, UnfitRecordingException {
    List<RecordedRequest.Line> lines = new ArrayList<>();
    Map<String, Object> head = Map.of();
    try (BufferedReader reader = Files.newBufferedReader(file)) {
      int number = 0;
      for (String text = reader.readLine(); text != null; text = reader.readLine()) {
        number++;
        if (number > MAX_LINES) {
          throw new UnfitRecordingException(number, "there are more than " + MAX_LINES + " lines");
        }
        Map<String, Object> members = members(text, number);
        if (number == 1) {
          head = head(members);
        } else {
          lines.add(line(members, number));
        }
      }
      if (number == 0) {
        throw new UnfitRecordingException(1, "the file is empty");
      }
    }
    return new Recording(List.copyOf(lines), number(head, "lost"), number(head, "not_kept"));
  }

  private static Map<String, Object> members(String text, int number)
      throws UnfitRecordingException {
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    return switch (StrictJson.object(utf8, "line", Nulls.REFUSED)) {
      case Outcome.Accepted<Map<String, Object>>(Map<String, Object> members) -> members;
      case Outcome.Refused<Map<String, Object>> refused ->
          throw new UnfitRecordingException(number, refused.refusal().seen());
    };
  }

  private static Map<String, Object> head(Map<String, Object> members)
      throws UnfitRecordingException {
    if (!Long.valueOf(RecordingFile.VERSION).equals(members.get(RecordingFile.HEAD))) {
      throw new UnfitRecordingException(1, "this is no recording of a token broker");
    }
    return members;
  }

  private static long number(Map<String, Object> head, String name) {
    return head.get(name) instanceof Long number ? number : 0;
  }

  private static RecordedRequest.Line line(Map<String, Object> members, int number)
      throws UnfitRecordingException {
    try {
      return RecordedRequest.parse(members);
    } catch (IllegalArgumentException | DateTimeException | ClassCastException unfit) {
      throw new UnfitRecordingException(number, String.valueOf(unfit.getMessage()));
    }
  }
}
