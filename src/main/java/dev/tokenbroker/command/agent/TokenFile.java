package dev.tokenbroker.command.agent;

import dev.tokenbroker.base.files.LineFile;
import dev.tokenbroker.base.jose.CompactJws;
import dev.tokenbroker.base.jose.NumericDate;
import dev.tokenbroker.base.outcome.BoundedFile;
import dev.tokenbroker.base.outcome.Outcome.Accepted;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermission;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A file that other programs read. Its content changes by a rename within its directory: a reader
 * gets the content before or the new one, and never a part. {@code .NAME.new} beside it exists for a
 * moment. Not safe for use by several threads.
 *
 * @param mode who may read the file; the owner may write it
 * @param owner to whom the file is given
 */
record TokenFile(Path path, Set<PosixFilePermission> mode, FileOwner owner) {

  private static final int MAX_BYTES = 128 * 1024;
  private static final Pattern JWT = Pattern.compile("eyJ[\\w-]+\\.[\\w-]+\\.[\\w-]+");

  /** Replaces the content. If this throws, the content is the one before. */
  void write(String content) throws IOException {
    Path unready = unready();
    try (FileChannel channel = create(unready)) {
      OutputStream out = Channels.newOutputStream(channel);
      out.write(content.getBytes(StandardCharsets.UTF_8));
      // Its name must not lead to an empty file after a crash of the machine.
      channel.force(true);
      Path _ = Files.move(unready, path, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException failed) {
      discard(unready, failed);
      throw failed;
    }
  }

  /**
   * Tries to give an empty file to the owner, which takes a right that the process may lack.
   *
   * @return false if the system refuses that; true also where no file can be made now
   */
  boolean canHaveOwner() {
    Path unready = unready();
    try (FileChannel _ = open(unready)) {
      try {
        owner.give(view(unready));
        return true;
      } catch (IOException refused) {
        return false;
      } finally {
        boolean _ = Files.deleteIfExists(unready);
      }
    } catch (IOException later) {
      return true; // each write reports it
    }
  }

  /** Removes the file, if there is one. */
  void remove() throws IOException {
    boolean _ = Files.deleteIfExists(path);
  }

  /**
   * When the token ends that an earlier process has left in the file; empty if nobody can know. The
   * file may hold the token in any form, but it must be a JWT. Its signature is not verified: an
   * earlier agent wrote it, or somebody who may replace the file anyway.
   */
  Optional<Instant> leftUntil() {
    try {
      byte[] content = BoundedFile.read(path, MAX_BYTES);
      Matcher token = JWT.matcher(new String(content, StandardCharsets.ISO_8859_1));
      return token.find()
              && CompactJws.parse(token.group(), MAX_BYTES).then(CompactJws::claims)
                  instanceof Accepted<Map<String, Object>>(Map<String, Object> claims)
          ? Optional.ofNullable(claims.get("exp")).flatMap(NumericDate::read)
          : Optional.empty();
    } catch (IOException unreadable) {
      return Optional.empty();
    }
  }

  /** Whether there is something at the path, a link without a target included. */
  boolean exists() {
    return Files.exists(path, LinkOption.NOFOLLOW_LINKS);
  }

  private Path unready() {
    return path.resolveSibling("." + path.getFileName() + ".new");
  }

  private FileChannel create(Path unready) throws IOException {
    FileChannel channel = open(unready);
    try {
      PosixFileAttributeView view = view(unready);
      // The group first: the mode may let it read. The owner last: we may lose our rights by it.
      owner.giveGroup(view);
      view.setPermissions(mode);
      owner.give(view);
      return channel;
    } catch (IOException | RuntimeException failed) {
      channel.close();
      throw failed;
    }
  }

  /** A new file for this user only; what a killed process has left is removed. */
  private static FileChannel open(Path unready) throws IOException {
    boolean _ = Files.deleteIfExists(unready);
    return LineFile.open(unready, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
  }

  private static PosixFileAttributeView view(Path file) throws NoSuchFileException {
    PosixFileAttributeView view =
        Files.getFileAttributeView(
            file, PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS);
    if (view == null) {
      throw new NoSuchFileException(file.toString());
    }
    return view;
  }

  private static void discard(Path unready, IOException failed) {
    try {
      boolean _ = Files.deleteIfExists(unready);
    } catch (IOException also) {
      failed.addSuppressed(also);
    }
  }
}
