package dev.tokenbroker.issue.sts;

import dev.tokenbroker.base.jose.Sha256;
import dev.tokenbroker.base.outcome.BoundedFile;
import dev.tokenbroker.base.outcome.Change;
import dev.tokenbroker.base.outcome.ChangeKind;
import dev.tokenbroker.base.outcome.ChangeListener;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A secret that operators put into a file. It is read when this is made, and again whenever {@link
 * #reread} finds other content. A file that turns bad leaves the secret as it was and is logged
 * once.
 *
 * <p>Safe for use by several threads: reading the value takes one volatile read.
 */
final class SecretFile<T> {

  private static final System.Logger LOG = System.getLogger(SecretFile.class.getName());
  private static final int MAX_FILE_BYTES = 64 * 1024;

  private final String what;
  private final String upstream;
  private final Path path;
  private final Function<byte[], Content<T>> reader;
  private final ChangeListener changes;
  private volatile SecretState<T> state = new SecretState<>(null, new byte[0]);

  /** The content of a file: a secret, or a problem that reveals nothing of it. */
  sealed interface Content<T> {
    record UsableSecret<T>(T value) implements Content<T> {
      @Override
      public String toString() {
        return "Usable";
      }
    }

    record UnusableSecret<T>(String problem) implements Content<T> {}
  }

  /**
   * @param seen the digest of the last content
   */
  @SuppressWarnings("ArrayRecordComponent") // it never leaves this class
  private record SecretState<T>(@Nullable T value, byte[] seen) {}

  private SecretFile(
      String what,
      String upstream,
      Path path,
      Function<byte[], Content<T>> reader,
      ChangeListener changes) {
    this.what = what;
    this.upstream = upstream;
    this.path = path;
    this.reader = reader;
    this.changes = changes;
  }

  /**
   * Reads the file.
   *
   * @param what the kind of the secret, for the log
   * @param upstream the upstream that it is for
   */
  static <T> SecretFile<T> load(
      String what,
      String upstream,
      Path path,
      Function<byte[], Content<T>> reader,
      ChangeListener changes) {
    SecretFile<T> file =
        new SecretFile<>(what + " for upstream " + upstream, upstream, path, reader, changes);
    file.reread();
    return file;
  }

  /** The secret of the last good read; empty if there was none. */
  Optional<T> value() {
    return Optional.ofNullable(state.value());
  }

  /** Reads the file again, and takes its content if it has changed. */
  synchronized void reread() {
    byte[] content = {};
    String problem = null;
    try {
      content = BoundedFile.read(path, MAX_FILE_BYTES);
    } catch (IOException unreadable) {
      problem = "cannot be read: " + BoundedFile.why(unreadable);
    }
    byte[] seen = Sha256.of(problem == null ? content : problem.getBytes(StandardCharsets.UTF_8));
    SecretState<T> before = state;
    if (MessageDigest.isEqual(before.seen(), seen)) {
      return;
    }
    T value = before.value();
    if (problem == null) {
      switch (reader.apply(content)) {
        case Content.UsableSecret<T>(T read) -> value = read;
        case Content.UnusableSecret<T>(String found) -> problem = "holds " + found;
      }
    }
    state = new SecretState<>(value, seen);
    tell(before.value() != null, problem);
    if (before.seen().length > 0) {
      report(problem);
    }
  }

  /** The first read is no change. Nothing of the content is reported. */
  private void report(@Nullable String problem) {
    changes.changed(
        Change.ofUpstream(
            problem == null ? ChangeKind.SECRET_RELOADED : ChangeKind.SECRET_REJECTED,
            upstream,
            "",
            problem == null ? path + " has another content" : path + " " + problem));
  }

  private void tell(boolean held, @Nullable String problem) {
    if (problem == null) {
      if (held) {
        LOG.log(System.Logger.Level.INFO, "{0} was read anew from {1}", what, path);
      }
      return;
    }
    LOG.log(
        System.Logger.Level.ERROR,
        held ? "{0}: {1} {2}; it stays as it was" : "{0}: {1} {2}",
        what,
        path,
        problem);
  }
}
