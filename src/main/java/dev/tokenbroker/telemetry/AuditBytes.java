package dev.tokenbroker.telemetry;

import java.time.Instant;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Text that is written as the ASCII bytes of JSON, into one buffer that is used again.
 *
 * <p>Everything but printable ASCII is escaped (RFC 8259 section 7); a surrogate without its
 * partner becomes a question mark, since strict readers refuse it. Confined to one thread.
 */
final class AuditBytes {

  private static final byte[] HEX = ascii("0123456789ABCDEF");
  private static final byte[] SHORT = shortEscapes();
  private static final byte[] UNICODE = ascii("\\u");

  /** The most bytes that a character can take: {@code \\uXXXX}. */
  private static final int MAX_ESCAPED = 6;

  private static final int REMEMBERED_SECONDS = 64;
  private static final int MAX_DIGITS = 20;

  private final long[] seconds = new long[REMEMBERED_SECONDS];
  private final byte[] @Nullable [] secondTexts = new byte[REMEMBERED_SECONDS][];

  private byte[] bytes;
  private int length;

  AuditBytes(int capacity) {
    this.bytes = new byte[Math.max(64, capacity)];
  }

  /** What of a text can be prepared once. */
  static byte[] ascii(String text) {
    byte[] bytes = new byte[text.length()];
    for (int at = 0; at < bytes.length; at++) {
      bytes[at] = (byte) text.charAt(at);
    }
    return bytes;
  }

  /** The buffer itself: valid up to {@link #length()} and until the next change. */
  byte[] array() {
    return bytes;
  }

  int length() {
    return length;
  }

  /** Cuts to a length that it had before. */
  void cut(int shorter) {
    length = shorter;
  }

  void raw(byte[] ascii) {
    room(ascii.length);
    System.arraycopy(ascii, 0, bytes, length, ascii.length);
    length += ascii.length;
  }

  void raw(char ascii) {
    room(1);
    bytes[length++] = (byte) ascii;
  }

  /** A string of JSON with its quotes. */
  void quoted(String text) {
    int chars = text.length();
    room(chars * MAX_ESCAPED + 2);
    byte[] into = bytes;
    int at = length;
    into[at++] = '"';
    for (int index = 0; index < chars; index++) {
      char c = text.charAt(index);
      if (c < SHORT.length && SHORT[c] == 0) {
        into[at++] = (byte) c;
      } else {
        length = at;
        escape(c, text, index);
        at = length;
        if (Character.isHighSurrogate(c) && into[at - 1] != '?') {
          index++; // its partner is written
        }
      }
    }
    into[at++] = '"';
    length = at;
  }

  /** A whole number that is not negative. */
  void number(long number) {
    room(MAX_DIGITS);
    int digits = 1;
    for (long rest = number; rest >= 10; rest /= 10) {
      digits++;
    }
    digits(number, digits);
  }

  /** A time as {@link Instant#toString()} gives it, with its quotes. */
  void time(Instant time) {
    room(2 + 64);
    bytes[length++] = '"';
    raw(secondText(time.getEpochSecond()));
    int nanos = time.getNano();
    if (nanos != 0) {
      bytes[length++] = '.';
      if (nanos % 1_000_000 == 0) {
        digits(nanos / 1_000_000, 3);
      } else if (nanos % 1_000 == 0) {
        digits(nanos / 1_000, 6);
      } else {
        digits(nanos, 9);
      }
    }
    bytes[length++] = 'Z';
    bytes[length++] = '"';
  }

  // Evaluations share their second, and hits the end of their token.
  private byte[] secondText(long second) {
    int slot = (int) (second & (REMEMBERED_SECONDS - 1));
    byte[] text = secondTexts[slot];
    if (text == null || seconds[slot] != second) {
      String whole = Instant.ofEpochSecond(second).toString();
      text = ascii(whole.substring(0, whole.length() - 1));
      secondTexts[slot] = text;
      seconds[slot] = second;
    }
    return text;
  }

  private void escape(char c, String text, int index) {
    if (c < SHORT.length && SHORT[c] > 1) {
      bytes[length++] = '\\';
      bytes[length++] = SHORT[c];
    } else if (!Character.isSurrogate(c)) {
      unicode(c);
    } else if (Character.isHighSurrogate(c)
        && index + 1 < text.length()
        && Character.isLowSurrogate(text.charAt(index + 1))) {
      unicode(c);
      unicode(text.charAt(index + 1));
    } else {
      bytes[length++] = '?';
    }
  }

  private void unicode(char c) {
    bytes[length++] = UNICODE[0];
    bytes[length++] = UNICODE[1];
    bytes[length++] = HEX[c >> 12];
    bytes[length++] = HEX[(c >> 8) & 0xF];
    bytes[length++] = HEX[(c >> 4) & 0xF];
    bytes[length++] = HEX[c & 0xF];
  }

  private void digits(long number, int count) {
    long rest = number;
    for (int at = length + count - 1; at >= length; at--) {
      bytes[at] = (byte) ('0' + rest % 10);
      rest /= 10;
    }
    length += count;
  }

  private void room(int more) {
    if (bytes.length - length < more) {
      bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, length + more));
    }
  }

  // 0: stands for itself; 1: only by its number; else the letter after the backslash.
  private static byte[] shortEscapes() {
    byte[] escapes = new byte[128];
    Arrays.fill(escapes, 0, 0x20, (byte) 1);
    escapes[0x7F] = 1;
    escapes['\b'] = 'b';
    escapes['\t'] = 't';
    escapes['\n'] = 'n';
    escapes['\f'] = 'f';
    escapes['\r'] = 'r';
    escapes['"'] = '"';
    escapes['\\'] = '\\';
    return escapes;
  }
}
