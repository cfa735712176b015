package dev.tokenbroker.command;

import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import java.time.Duration;

/** Vert.x as a command needs it: for a request or two, and gone in a moment. */
final class ShortLivedVertx {

  private ShortLivedVertx() {}

  /** One event loop, nothing kept on the disk; nobody watches its threads. */
  static Vertx start() {
    return Vertx.vertx(
        new VertxOptions()
            .setEventLoopPoolSize(1)
            .setWorkerPoolSize(1)
            .setInternalBlockingPoolSize(1)
            .setBlockedThreadCheckInterval(Duration.ofDays(1).toMillis())
            .setFileSystemOptions(
                new FileSystemOptions()
                    .setClassPathResolvingEnabled(false)
                    .setFileCachingEnabled(false)));
  }
}
