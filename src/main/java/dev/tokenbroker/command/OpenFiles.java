package dev.tokenbroker.command;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The file descriptors that the broker may use. With too few, even its classes cannot be read. */
final class OpenFiles {

  /** What the JDK, Netty and the system say where there is none left. */
  static final String EXHAUSTED = "Too many open files";

  static final int LEAST = 256;
  static final String REMEDY =
      "ulimit -n: allows too few open files. Set it to "
          + LEAST
          + " at least, and one more for each connection.";

  private static final Pattern LIMIT = Pattern.compile("Max open files +(\\d{1,9}) ");

  private OpenFiles() {}

  static boolean areTooFew() {
    try {
      Matcher limit = LIMIT.matcher(Files.readString(Path.of("/proc/self/limits")));
      return limit.find() && Integer.parseInt(limit.group(1)) < LEAST;
    } catch (IOException notLinux) {
      return false;
    }
  }
}
