package dev.tokenbroker.base.files;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.regex.Pattern;

/**
 * Reads a regular file of bounded size, or explains a failure in plain words. The explanation never
 * quotes the file, so it is safe for secrets.
 */
public final class BoundedFile {

  private static final Pattern LINE_END = Pattern.compile("(\\r?\\n|\\r)\\z");

  private BoundedFile() {}

  /**
   * The whole content of the file.
   *
   * @param maxBytes a multiple of 1024, since the explanation counts in KiB
   */
  public static byte[] read(Path file, int maxBytes) throws IOException {
    // For a directory without read permission, the permission is the fault to report.
    if (Files.isDirectory(file) && !Files.isReadable(file)) {
      throw new AccessDeniedException(file.toString());
    }
    // A read from a pipe or a device might never end.
    if (Files.exists(file) && !Files.isRegularFile(file)) {
      throw new UnfitFileException("it is not a regular file");
    }
    try (InputStream in = Files.newInputStream(file)) {
      byte[] bytes = in.readNBytes(maxBytes + 1);
      if (bytes.length > maxBytes) {
        throw new UnfitFileException("it is larger than " + maxBytes / 1024 + " KiB");
      }
      return bytes;
    }
  }

  /** Decodes strict UTF-8, and drops a byte order mark at the start. */
  public static String text(byte[] bytes) throws CharacterCodingException {
    String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    return text.startsWith("\uFEFF") ? text.substring(1) : text;
  }

  /** Drops the line break with which editors end a file; blanks and further breaks stay. */
  public static String line(String text) {
    return LINE_END.matcher(text).replaceFirst("");
  }

  /** Explains a failure to read, in our words where the type tells it. */
  public static String why(Exception e) {
    return switch (e) {
      case NoSuchFileException _ -> "it does not exist";
      case AccessDeniedException _ -> "access is denied";
      case CharacterCodingException _ -> "it is not UTF-8";
      case UnfitFileException unfit -> unfit.why;
      case InvalidPathException _ -> "it is not a valid path";
      case FileSystemException other when other.getReason() != null ->
          "I/O error (" + other.getReason() + ")"; // such as "Too many open files"
      default -> "I/O error (" + e.getClass().getSimpleName() + ")";
    };
  }

  /** Refuses a file that is too large or not a regular one. */
  private static final class UnfitFileException extends IOException {

    private final String why;

    UnfitFileException(String why) {
      super(why);
      this.why = why;
    }
  }
}
