package dev.tokenbroker.command.fetch;

import dev.tokenbroker.base.files.BoundedFile;
import dev.tokenbroker.base.files.LineFile;
import dev.tokenbroker.base.json.PeerJson;
import dev.tokenbroker.base.refusal.Deadline;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.InstantSource;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Tokens in a directory of one user, which several processes share. Serves one thread of a process
 * at a time: where a process closes a file, the system ends all its locks on that file.
 *
 * <p>A file is written under another name, then renamed: no reader sees half of it, whenever the
 * writer is killed. A lock is the operating system's, so it ends with its process. Each key has a
 * byte of one lock file, which is never removed: two processes could otherwise lock different files
 * of one name. The time of a file is the time at which its content ends, so that a cleaner need not
 * read it.
 */
public final class TokenCache {

  /** Belongs to the user of this process. */
  private static final Path SELF = Path.of("/proc/self");

  private static final String TOKEN = ".token";
  private static final Duration LONGEST_WRITE = Duration.ofMinutes(10);
  private static final long LOOK_AGAIN_MILLIS = 10;
  private static final Set<PosixFilePermission> OURS = PosixFilePermissions.fromString("rwx------");
  private static final Set<PosixFilePermission> OF_OTHERS =
      EnumSet.of(PosixFilePermission.GROUP_WRITE, PosixFilePermission.OTHERS_WRITE);

  private final Path directory;
  private final InstantSource clock;

  private TokenCache(Path directory, InstantSource clock) {
    this.directory = directory;
    this.clock = clock;
  }

  /**
   * Opens the cache, and makes its directory if there is none.
   *
   * @throws IOException if the directory cannot be made, is a link, belongs to another user, or
   *     other users can write to it
   */
  public static TokenCache open(Path directory, InstantSource clock) throws IOException {
    if (!Files.isDirectory(directory)) {
      Files.createDirectories(directory, PosixFilePermissions.asFileAttribute(OURS));
    }
    PosixFileAttributes found =
        Files.readAttributes(directory, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
    if (!found.isDirectory()
        || !found.owner().equals(Files.getOwner(SELF))
        || found.permissions().stream().anyMatch(OF_OTHERS::contains)) {
      throw new FileSystemException(
          directory.toString(),
          null,
          "it is a link, belongs to another user, or other users can write to it");
    }
    return new TokenCache(directory, clock);
  }

  /** The right to change what is kept under a key, until it is closed. */
  static final class Hold implements AutoCloseable {

    private final FileChannel file;

    private Hold(FileChannel file) {
      this.file = file;
    }

    /** Ends the right. */
    @Override
    public void close() {
      try {
        file.close(); // which releases the lock
      } catch (IOException stays) {
        // The lock ends with the process. What was done under it is done.
      }
    }
  }

  /** The token under the key, whatever its age; null if there is none that can be read. */
  @Nullable KeptToken token(String key) throws IOException {
    try {
      byte[] content = BoundedFile.read(directory.resolve(key + TOKEN), PeerJson.MAX_BYTES);
      return KeptToken.parse(content).orElse(null);
    } catch (NoSuchFileException none) {
      return null;
    }
  }

  /** Waits for the right to change the key; empty if another has it until the deadline. */
  Optional<Hold> hold(String key, Deadline deadline) throws IOException, InterruptedException {
    long place = Long.parseLong(key.substring(0, 15), 16);
    FileChannel file =
        LineFile.open(
            directory.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    while (!locks(file, place)) {
      if (deadline.hasPassed()) {
        file.close();
        return Optional.empty();
      }
      Thread.sleep(LOOK_AGAIN_MILLIS);
    }
    return Optional.of(new Hold(file));
  }

  private static boolean locks(FileChannel file, long place) throws IOException {
    try {
      FileLock lock = file.tryLock(place, 1, false);
      return lock != null;
    } catch (OverlappingFileLockException anotherThread) {
      return false;
    }
  }

  /** Keeps a token in place of the earlier one; the caller holds the key. */
  void keep(String key, KeptToken token) throws IOException {
    removeEnded();
    Path file = directory.resolve(key + TOKEN);
    Path unready = directory.resolve(key + TOKEN + ".new");
    try (FileChannel channel = LineFile.create(unready)) {
      Channels.newOutputStream(channel).write(token.json());
    }
    Files.getFileAttributeView(unready, BasicFileAttributeView.class, LinkOption.NOFOLLOW_LINKS)
        .setTimes(FileTime.from(token.expiry()), null, null);
    Files.move(unready, file, StandardCopyOption.ATOMIC_MOVE);
  }

  /** Removes the token if it is this one; the caller holds the key. */
  void remove(String key, String value) throws IOException {
    KeptToken token = token(key);
    if (token != null && token.value().equals(value)) {
      Files.deleteIfExists(directory.resolve(key + TOKEN));
    }
  }

  /** Removes what ended a while ago; a file that another process is writing is younger. */
  private void removeEnded() throws IOException {
    FileTime past = FileTime.from(clock.instant().minus(LONGEST_WRITE));
    try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, "*.*")) {
      for (Path file : files) {
        if (Files.exists(file) && Files.getLastModifiedTime(file).compareTo(past) < 0) {
          Files.deleteIfExists(file);
        }
      }
    } catch (NoSuchFileException another) {
      // Another process removes them, too.
    }
  }
}
