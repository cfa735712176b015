package dev.tokenbroker.base.text;

import java.util.Arrays;
import java.util.stream.Collectors;

/**
 * Describes a throwable by types and places only. Its messages may hold what must not be logged.
 */
public final class BugReport {

  private static final int MAX_FRAMES = 16;
  private static final int MAX_CAUSES = 4;

  private BugReport() {}

  public static String of(Throwable bug) {
    StringBuilder report = new StringBuilder();
    Throwable cause = bug;
    for (int depth = 0; cause != null && depth < MAX_CAUSES; depth++) {
      report.append(depth == 0 ? "" : " caused by ").append(cause.getClass().getName());
      report.append(
          Arrays.stream(cause.getStackTrace())
              .limit(MAX_FRAMES)
              .map(StackTraceElement::toString)
              .collect(Collectors.joining(" < ", " at ", "")));
      cause = cause.getCause();
    }
    return report.toString();
  }
}
