package dev.tokenbroker.base.files;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A file of lines that only this process writes: whole, or line by line at its end. A write returns
 * once it is on the disk. Not safe for use by several threads.
 *
 * <p>{@code .new} beside the file exists for a moment and then replaces it: a crash leaves the one
 * or the other, never half of one. Only the owner may read a new file. No symbolic link is
 * followed, since a user who can write the directory could lead a write to another file of the
 * broker.
 */
public final class LineFile implements AutoCloseable {

  private static final FileAttribute<?> OWNER_ONLY =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

  private final Path path;
  private @Nullable FileChannel output;

  public LineFile(Path path) {
    this.path = path;
  }

  /** Writes lines, each with its newline. */
  public interface Lines {
    void writeTo(OutputStream output) throws IOException;
  }

  /**
   * Opens a file to read or write, without following a link at its end.
   *
   * @param options how to open it; a new file is for the owner only
   */
  public static FileChannel open(Path file, OpenOption... options) throws IOException {
    Set<OpenOption> all = new HashSet<>(Set.of(options));
    all.add(LinkOption.NOFOLLOW_LINKS);
    return FileChannel.open(file, all, OWNER_ONLY);
  }

  /** A new file to write, for the owner only; a file that a killed process left is removed. */
  public static FileChannel create(Path file) throws IOException {
    boolean _ = Files.deleteIfExists(file);
    return open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
  }

  /**
   * The content, buffered.
   *
   * @throws java.nio.file.NoSuchFileException if there is no file
   */
  public InputStream read() throws IOException {
    return new BufferedInputStream(Files.newInputStream(path, LinkOption.NOFOLLOW_LINKS));
  }

  /** Whether the last write has succeeded, so that the file ends with a whole line. */
  public boolean isOpen() {
    return output != null;
  }

  /** The bytes of the file; 0 if it is not open. */
  public long size() throws IOException {
    return output == null ? 0 : output.size();
  }

  /** Replaces the whole content. If this throws, the content is the one before or the new one. */
  public void replace(Lines lines) throws IOException {
    close();
    Path fresh = beside("new");
    FileChannel channel = create(fresh);
    try {
      OutputStream buffered = new BufferedOutputStream(Channels.newOutputStream(channel));
      lines.writeTo(buffered);
      buffered.flush();
      channel.force(true);
      Files.move(fresh, path, StandardCopyOption.ATOMIC_MOVE);
      forceName();
      output = channel;
    } finally {
      closeUnlessWritten(channel);
    }
  }

  /**
   * Appends a line.
   *
   * @param line with its newline
   */
  public void append(byte[] line) throws IOException {
    FileChannel last = output;
    FileChannel channel =
        last == null ? open(path, StandardOpenOption.CREATE, StandardOpenOption.APPEND) : last;
    output = null;
    try {
      OutputStream direct = Channels.newOutputStream(channel);
      if (last == null && channel.size() > 0) {
        direct.write('\n'); // the last line may be torn
      }
      direct.write(line);
      channel.force(true);
      output = channel;
    } finally {
      closeUnlessWritten(channel);
    }
  }

  /** After a failure nobody knows what the file ends with. */
  private void closeUnlessWritten(FileChannel channel) throws IOException {
    if (output == null) {
      channel.close();
    }
  }

  /** Makes room for a new file: this one becomes number 1, and one beyond the limit is deleted. */
  public void rotate(int keep) throws IOException {
    close();
    if (keep == 0) {
      Files.deleteIfExists(path);
      return;
    }
    if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    for (int number = keep; number > 0; number--) {
      Path from = number == 1 ? path : beside("" + (number - 1));
      if (Files.exists(from, LinkOption.NOFOLLOW_LINKS)) {
        Files.move(from, beside("" + number), StandardCopyOption.REPLACE_EXISTING);
      }
    }
  }

  /** The file in the same directory whose name is longer by a dot and a suffix. */
  public Path beside(String suffix) {
    return path.resolveSibling(path.getFileName() + "." + suffix);
  }

  /** Closes the file; the next write opens it again. */
  @Override
  public void close() {
    FileChannel open = output;
    output = null;
    try {
      if (open != null) {
        open.close();
      }
    } catch (IOException _) {
      // Each write is on the disk already.
    }
  }

  /** Forces the new name to the disk, too. */
  private void forceName() throws IOException {
    try (FileChannel names =
        FileChannel.open(path.toAbsolutePath().getParent(), StandardOpenOption.READ)) {
      names.force(true);
    }
  }
}
