package dev.tokenbroker.command;

import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import java.time.Duration;

/** Starts Vert.x for a command, which sends a request or two and then ends. */
final class ShortLivedVertx {

  private ShortLivedVertx() {}

  /** Starts one event loop, without file caching and without checks for blocked threads. */
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
