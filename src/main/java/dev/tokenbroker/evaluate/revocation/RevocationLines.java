package dev.tokenbroker.evaluate.revocation;

import dev.tokenbroker.evaluate.revocation.RevokedTokens.Revoked;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.CRC32;

/**
 * The format of a file of revocations: a header line, and one line for each token. A checksum shows
 * whether a line is what was written.
 *
 * <pre>
 *   token-broker-revocations 1
 *   jti  seconds-since-1970  CRC-32 of the line up to here, in 8 hexadecimal digits
 * </pre>
 */
final class RevocationLines {

  static final String HEADER = "token-broker-revocations 1";

  private static final int MAX_LINE_BYTES = 256;
  private static final Pattern LINE =
      Pattern.compile("(([A-Za-z0-9_-]{1,128}) (\\d{1,12})) ([0-9a-f]{8})");

  private RevocationLines() {}

  /** The content of a file. */
  sealed interface Contents {

    /** The file can be read. */
    record ReadLines(List<Revoked> revoked, LastEnding ending) implements Contents {}

    /** This line, counted from 1, is not what this broker wrote. */
    record Corrupt(int line) implements Contents {}
  }

  /** How a file that can be read ends. */
  enum LastEnding {
    /** With a line that is whole, though perhaps without its newline. */
    WHOLE,
    /**
     * With a line that was cut short, which is left out. The machine or the process ended during
     * its write, so the revocation was never confirmed.
     */
    TORN,
    /** Before the header: this broker never leaves a file so. */
    EMPTY
  }

  static byte[] header() {
    return (HEADER + "\n").getBytes(StandardCharsets.US_ASCII);
  }

  static byte[] line(Revoked revoked) {
    String text = revoked.id() + " " + revoked.keptUntil().getEpochSecond();
    return (text + " " + checksum(text) + "\n").getBytes(StandardCharsets.US_ASCII);
  }

  /**
   * Reads the whole file.
   *
   * @param file buffered
   */
  static Contents read(InputStream file) throws IOException {
    List<Revoked> revoked = new ArrayList<>();
    ByteArrayOutputStream line = new ByteArrayOutputStream(MAX_LINE_BYTES);
    int number = 1;
    for (int next = file.read(); next >= 0; next = file.read()) {
      if (next != '\n') {
        line.write(next);
        if (line.size() > MAX_LINE_BYTES) {
          return new Contents.Corrupt(number);
        }
        continue;
      }
      String text = line.toString(StandardCharsets.ISO_8859_1);
      if (number == 1 ? !text.equals(HEADER) : parse(text).map(revoked::add).isEmpty()) {
        return new Contents.Corrupt(number);
      }
      number++;
      line.reset();
    }
    String rest = line.toString(StandardCharsets.ISO_8859_1);
    if (number == 1 && !HEADER.startsWith(rest)) {
      return new Contents.Corrupt(number); // a foreign file, which must not be overwritten
    }
    return new Contents.ReadLines(revoked, ending(number, rest, revoked));
  }

  /** A last line that lacks only its newline is whole. */
  private static LastEnding ending(int number, String rest, List<Revoked> revoked) {
    if (rest.isEmpty()) {
      return number == 1 ? LastEnding.EMPTY : LastEnding.WHOLE;
    }
    boolean whole = number == 1 ? rest.equals(HEADER) : parse(rest).map(revoked::add).isPresent();
    return whole ? LastEnding.WHOLE : LastEnding.TORN;
  }

  private static Optional<Revoked> parse(String text) {
    Matcher line = LINE.matcher(text);
    return line.matches() && checksum(line.group(1)).equals(line.group(4))
        ? Optional.of(
            new Revoked(line.group(2), Instant.ofEpochSecond(Long.parseLong(line.group(3)))))
        : Optional.empty();
  }

  private static String checksum(String text) {
    CRC32 crc = new CRC32();
    crc.update(text.getBytes(StandardCharsets.US_ASCII));
    return HexFormat.of().toHexDigits((int) crc.getValue());
  }
}
