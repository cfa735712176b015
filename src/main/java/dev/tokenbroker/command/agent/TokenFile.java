package dev.tokenbroker.command.agent;

import dev.tokenbroker.base.files.LineFile;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.GroupPrincipal;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.UserPrincipal;
import java.time.Instant;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A file that other programs read. Its content changes by a rename within its directory, so a
 * reader gets the content before or the new one, never a part. {@code .NAME.new} beside it exists
 * for a moment. Its modification time is the end of its token, for the next process.
 *
 * @param user to whom the file is given; null for the user of this process
 * @param group null for the group that a new file gets
 */
record TokenFile(
    Path path,
    Set<PosixFilePermission> mode,
    @Nullable UserPrincipal user,
    @Nullable GroupPrincipal group) {

  /** Replaces the content. If this throws, the content is the one before. */
  void write(String content, Instant end) throws IOException {
    Path unready = unready();
    try (FileChannel channel = LineFile.create(unready)) {
      Channels.newOutputStream(channel).write(content.getBytes(StandardCharsets.UTF_8));
      attributes(unready).setTimes(FileTime.from(end), null, null);
      give(unready);
      channel.force(true); // after a crash of the machine, the name must not lead to an empty file
      Files.move(unready, path, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(unready);
    }
  }

  /** Whether the system lets this process give a file to the owner, as far as it can try. */
  boolean canHaveOwner() {
    try (FileChannel _ = LineFile.create(unready())) {
      try {
        give(unready());
        return true;
      } catch (IOException refused) {
        return false;
      } finally {
        Files.deleteIfExists(unready());
      }
    } catch (IOException later) {
      return true; // each write reports it
    }
  }

  /** The end of the token that an earlier process has left; the least time if there is none. */
  Instant end(Instant least, Instant most) {
    try {
      Instant end = Files.getLastModifiedTime(path, LinkOption.NOFOLLOW_LINKS).toInstant();
      return end.isBefore(least) ? least : end.isAfter(most) ? most : end;
    } catch (IOException none) {
      return least;
    }
  }

  /** Removes the file; false if there is none. */
  boolean remove() throws IOException {
    return Files.deleteIfExists(path);
  }

  private Path unready() {
    return path.resolveSibling("." + path.getFileName() + ".new");
  }

  /**
   * The group comes first, since the mode lets it read; the owner last, since it ends our right.
   */
  private void give(Path unready) throws IOException {
    PosixFileAttributeView view = attributes(unready);
    if (group != null) {
      view.setGroup(group);
    }
    view.setPermissions(mode);
    if (user != null) {
      view.setOwner(user);
    }
  }

  private static PosixFileAttributeView attributes(Path file) {
    return Files.getFileAttributeView(
        file, PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS);
  }
}
