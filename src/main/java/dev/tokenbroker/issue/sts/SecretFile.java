package dev.tokenbroker.issue.sts;

import dev.tokenbroker.base.change.Change;
import dev.tokenbroker.base.change.ChangeKind;
import dev.tokenbroker.base.change.ChangeListener;
import dev.tokenbroker.base.files.FileContent;
import dev.tokenbroker.base.files.FileContent.Unusable;
import dev.tokenbroker.base.files.FileContent.Usable;
import dev.tokenbroker.base.files.WatchedFile;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Function;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * A secret that operators put into a file. It is read when this is made, and again whenever {@link
 * #reread} finds other content. A file that turns bad leaves the secret as it was and is logged
 * once.
 *
 * <p>Safe for use by several threads: reading the value takes one volatile read.
 */
public final class SecretFile<T> {

  private static final Logger LOG = Logger.getLogger(SecretFile.class);
  private static final int MAX_FILE_BYTES = 64 * 1024;

  private final String what;
  private final String upstream;
  private final ChangeListener changes;
  private final WatchedFile<T> file;
  private volatile @Nullable T value;

  /**
   * Reads the file.
   *
   * @param what the kind of the secret, for the log
   * @param upstream the upstream that it is for
   */
  public SecretFile(
      String what,
      String upstream,
      Path path,
      Function<byte[], FileContent<T>> reader,
      ChangeListener changes) {
    this.what = what + " for upstream " + upstream;
    this.upstream = upstream;
    this.changes = changes;
    this.file = new WatchedFile<>(path, MAX_FILE_BYTES, reader, this::changed);
    reread();
  }

  /** The secret of the last good read; empty if there was none. */
  public Optional<T> value() {
    return Optional.ofNullable(value);
  }

  /** Reads the file again, and takes its content if it has changed. */
  public void reread() {
    file.look();
  }

  /** The first read is no change. */
  private void changed(@Nullable FileContent<T> before, FileContent<T> now) {
    boolean held = value != null;
    switch (now) {
      case Usable<T>(T read) -> {
        value = read;
        if (held) {
          LOG.infof("%s was read anew from %s", what, file.path());
        }
      }
      case Unusable<T>(String problem) ->
          LOG.errorf(
              held ? "%s: %s %s; it stays as it was" : "%s: %s %s", what, file.path(), problem);
    }
    if (before != null) {
      report(now.fault());
    }
  }

  /** Nothing of the content is reported. */
  private void report(Optional<String> problem) {
    changes.changed(
        Change.ofUpstream(
            problem.isEmpty() ? ChangeKind.SECRET_RELOADED : ChangeKind.SECRET_REJECTED,
            upstream,
            "",
            file.path() + " " + problem.orElse("has another content")));
  }
}
