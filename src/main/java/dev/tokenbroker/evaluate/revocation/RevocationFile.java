package dev.tokenbroker.evaluate.revocation;

import dev.tokenbroker.base.files.BoundedFile;
import dev.tokenbroker.base.files.LineFile;
import dev.tokenbroker.base.refusal.Evidence;
import dev.tokenbroker.evaluate.revocation.RevokedTokens.Revoked;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * A file of revocations that only this process writes. {@link #add} returns once its revocation is
 * appended and on the disk. {@code .lock} beside it keeps other processes out while this one lives.
 * After a failed write the file may hold a part of a line, so the next write writes it anew. Not
 * safe for use by several threads.
 */
final class RevocationFile implements AutoCloseable {

  /** A file with more lines than this, plus two for each live revocation, is written anew. */
  static final int TOLERATED_LINES = 1_000;

  private final LineFile file;
  private final FileChannel lockFile;
  private int lines;

  private RevocationFile(LineFile file, FileChannel lockFile) {
    this.file = file;
    this.lockFile = lockFile;
  }

  /** The result of opening a file. */
  sealed interface Opening {

    /** The file is open. */
    record Opened(RevocationFile file, List<Revoked> revoked, RevocationLines.LastEnding ending)
        implements Opening {}

    /**
     * The file cannot be used.
     *
     * @param problem what is wrong with it
     * @param remedy what to do
     */
    record UnusableFile(String problem, String remedy) implements Opening {}
  }

  /**
   * Opens a file and leaves its content as it is; a missing file counts as empty. A symbolic link
   * is followed first: {@code .new} and {@code .lock} must lie beside the file itself.
   */
  static Opening open(Path path) {
    try {
      return openFile(new LineFile(Files.isSymbolicLink(path) ? path.toRealPath() : path));
    } catch (NoSuchFileException dangling) {
      return new Opening.UnusableFile(
          "is a symbolic link to a file that does not exist.",
          "Mount what it leads to, or make that file, which may be empty; or set it to a file.");
    } catch (IOException unreadable) {
      return unreadable(unreadable);
    }
  }

  private static Opening openFile(LineFile lines) {
    FileChannel lockFile;
    try {
      lockFile = lock(lines.beside("lock"));
    } catch (OverlappingFileLockException inUse) {
      return new Opening.UnusableFile(
          "is in use by another broker.",
          "Give each broker a file of its own: replicas share revocations in the store only.");
    } catch (IOException denied) {
      return unwritable(denied);
    }
    RevocationFile file = new RevocationFile(lines, lockFile);
    Opening opening = file.read();
    if (opening instanceof Opening.UnusableFile) {
      file.close();
    }
    return opening;
  }

  private static FileChannel lock(Path beside) throws IOException {
    FileChannel channel =
        LineFile.open(beside, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    try {
      if (channel.tryLock() == null) {
        throw new OverlappingFileLockException();
      }
      return channel;
    } catch (IOException | OverlappingFileLockException notOurs) {
      channel.close();
      throw notOurs;
    }
  }

  private Opening read() {
    try (InputStream input = file.read()) {
      return switch (RevocationLines.read(input)) {
        case RevocationLines.Contents.ReadLines(
                List<Revoked> revoked,
                RevocationLines.LastEnding ending) ->
            new Opening.Opened(this, revoked, ending);
        case RevocationLines.Contents.Corrupt(int line) ->
            new Opening.UnusableFile(
                "is corrupt in line " + line + ", so that some revoked tokens are not known.",
                "Restore the file; or remove it, once the tokens of the longest lifetime have expired.");
      };
    } catch (NoSuchFileException missing) {
      return new Opening.Opened(this, List.of(), RevocationLines.LastEnding.WHOLE);
    } catch (IOException unreadable) {
      return unreadable(unreadable);
    }
  }

  private static Opening.UnusableFile unreadable(IOException why) {
    return new Opening.UnusableFile(
        "cannot be read (" + cause(why) + ").", "Let the broker read and write it.");
  }

  static Opening.UnusableFile unwritable(IOException why) {
    return new Opening.UnusableFile(
        "cannot be written (" + cause(why) + ").",
        "Set it to a file in a directory that exists, that the broker can write to, and whose disk"
            + " has space left.");
  }

  /** The words of the operating system, such as "No space left on device". */
  private static String cause(IOException why) {
    String words = why instanceof FileSystemException file ? file.getReason() : why.getMessage();
    return words == null || words.isBlank() ? BoundedFile.why(why) : Evidence.clean(words);
  }

  /**
   * Adds a revocation. If this throws, the file may or may not contain it.
   *
   * @param others the revocations to keep beside it
   */
  void add(Revoked revoked, Collection<Revoked> others) throws IOException {
    if (!lockFile.isOpen()) {
      throw new ClosedChannelException();
    }
    if (!file.isOpen() || lines > TOLERATED_LINES + 2 * others.size()) {
      List<Revoked> all = new ArrayList<>(others);
      all.add(revoked);
      rewrite(all);
      return;
    }
    file.append(RevocationLines.line(revoked));
    lines++;
  }

  /** Writes the file anew, with these revocations and no others. */
  void rewrite(Collection<Revoked> all) throws IOException {
    file.replace(
        output -> {
          output.write(RevocationLines.header());
          for (Revoked revoked : all) {
            output.write(RevocationLines.line(revoked));
          }
        });
    lines = all.size();
  }

  /** Closes the file and its lock. */
  @Override
  public void close() {
    file.close();
    try {
      lockFile.close();
    } catch (IOException _) {
      // The end of the process frees it.
    }
  }
}
