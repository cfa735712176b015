package dev.tokenbroker.jose;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * Reads a regular file of a bounded size, and says in plain words why it cannot. Nothing of what
 * the file holds is in them, so they may be said of secrets.
 */
public final class BoundedFile {

  private BoundedFile() {}

  /**
   * The whole content.
   *
   * @param maxBytes a multiple of 1024, since the words count in KiB
   */
  public static byte[] read(Path file, int maxBytes) throws IOException {
    // Of a directory that may not be listed, that is what to tell, not that it is none to be read.
    if (Files.isDirectory(file) && !Files.isReadable(file)) {
      throw new AccessDeniedException(file.toString());
    }
    // Reading a pipe or a device might never end.
    if (Files.exists(file) && !Files.isRegularFile(file)) {
      throw new UnfitFileException("it is no regular file");
    }
    try (InputStream in = Files.newInputStream(file)) {
      byte[] bytes = in.readNBytes(maxBytes + 1);
      if (bytes.length > maxBytes) {
        throw new UnfitFileException("it is larger than " + maxBytes / 1024 + " KiB");
      }
      return bytes;
    }
  }

  /** Strict UTF-8, without a byte order mark. */
  public static String text(byte[] bytes) throws CharacterCodingException {
    String text =
        StandardCharsets.UTF_8
            .newDecoder()
            .onMalformedInput(CodingErrorAction.REPORT)
            .onUnmappableCharacter(CodingErrorAction.REPORT)
            .decode(ByteBuffer.wrap(bytes))
            .toString();
    return text.startsWith("\uFEFF") ? text.substring(1) : text;
  }

  /** Why, in words that are the same on every system. */
  public static String why(Exception e) {
    return switch (e) {
      case NoSuchFileException _ -> "it does not exist";
      case AccessDeniedException _ -> "access is denied";
      case CharacterCodingException _ -> "it is not UTF-8";
      case UnfitFileException unfit -> unfit.why;
      case InvalidPathException _ -> "it is no path";
      default -> "input failed (" + e.getClass().getSimpleName() + ")";
    };
  }

  /** A file that is not read, whatever it holds. */
  private static final class UnfitFileException extends IOException {

    private final String why;

    UnfitFileException(String why) {
      super(why);
      this.why = why;
    }
  }
}
