package dev.tokenbroker.command;

import dev.tokenbroker.base.files.BoundedFile;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * Reads files of bounded size and standard input. The content may be a secret, and so may a name
 * that was given by mistake: no message shows either.
 */
final class BoundedInput {

  /** Larger than any credential that a broker can be set to accept. */
  static final int MAX_BYTES = 128 * 1024;

  private static final String STANDARD_INPUT = "-";

  private BoundedInput() {}

  /**
   * The text of a file, without white space around it, which editors and {@code echo} add.
   *
   * @param file {@code -} for standard input; pipes and devices are read, too
   * @param what its description in messages, such as "the credential"
   */
  static String text(String file, String what, InputStream standardInput) throws Failure {
    byte[] bytes =
        file.equals(STANDARD_INPUT)
            ? read(standardInput, what, MAX_BYTES)
            : bytes(Path.of(file), what);
    try {
      String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
      if (text.isBlank()) {
        throw new Failure(ExitCode.DATA, what + " is empty");
      }
      return text.strip();
    } catch (CharacterCodingException binary) {
      throw new Failure(ExitCode.DATA, what + " is no text");
    }
  }

  /** The same for a bearer token, which has no blanks inside. */
  static String token(String file, String what, InputStream standardInput) throws Failure {
    String token = text(file, what, standardInput);
    if (token.chars().anyMatch(c -> c <= ' ' || c >= 0x7F)) {
      throw new Failure(ExitCode.DATA, what + " is no token");
    }
    return token;
  }

  /** The content of a file. */
  static byte[] bytes(Path file, String what) throws Failure {
    return bytes(file, what, MAX_BYTES);
  }

  /**
   * The text of a larger file, as it is but for a byte order mark.
   *
   * @param maxBytes a multiple of 1024
   */
  static String wholeText(Path file, String what, int maxBytes) throws Failure {
    try {
      return BoundedFile.text(bytes(file, what, maxBytes));
    } catch (CharacterCodingException binary) {
      throw new Failure(ExitCode.DATA, what + " is no text");
    }
  }

  private static byte[] bytes(Path file, String what, int maxBytes) throws Failure {
    if (Files.isDirectory(file)) {
      throw new Failure(ExitCode.NO_INPUT, what + " cannot be read: it is a directory");
    }
    try (InputStream in = Files.newInputStream(file)) {
      return read(in, what, maxBytes);
    } catch (NoSuchFileException none) {
      throw new Failure(ExitCode.NO_INPUT, what + " cannot be read: the file does not exist");
    } catch (AccessDeniedException denied) {
      throw new Failure(ExitCode.NO_INPUT, what + " cannot be read: access is denied");
    } catch (IOException broken) {
      throw new Failure(ExitCode.NO_INPUT, what + " cannot be read: the file cannot be opened");
    }
  }

  private static byte[] read(InputStream in, String what, int maxBytes) throws Failure {
    try {
      byte[] bytes = in.readNBytes(maxBytes + 1);
      if (bytes.length > maxBytes) {
        throw new Failure(ExitCode.DATA, what + " is larger than " + maxBytes / 1024 + " KiB");
      }
      return bytes;
    } catch (IOException closed) {
      throw new Failure(ExitCode.NO_INPUT, what + " cannot be read: the input is closed or failed");
    }
  }
}
