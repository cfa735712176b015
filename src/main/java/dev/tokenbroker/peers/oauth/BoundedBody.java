package dev.tokenbroker.peers.oauth;

import dev.tokenbroker.base.refusal.Deadline;
import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.ext.web.codec.BodyCodec;
import io.vertx.ext.web.codec.spi.BodyStream;
import org.jspecify.annotations.Nullable;

/**
 * Collects the body of a provider's response, up to a size and a deadline. Past either, the request
 * fails, and its {@link Provider} closes the connection. The codec of the OIDC client collects any
 * number of bytes.
 *
 * <p>Vert.x collects on the event loop of the connection; {@link #isExceeded} may be called by any
 * thread.
 */
final class BoundedBody implements BodyCodec<Buffer> {

  /** The size limit in bytes: a token of 16 KiB, and room for what a provider sends beside it. */
  static final int MAX_BYTES = 64 * 1024;

  private final Deadline deadline;
  private volatile boolean exceeded;

  BoundedBody(Deadline deadline) {
    this.deadline = deadline;
  }

  /** Whether the response was larger than the limit, or came too slowly. */
  boolean isExceeded() {
    return exceeded;
  }

  /** Begins a body: a second one if the client sends its request again on another connection. */
  @Override
  public void create(Handler<AsyncResult<BodyStream<Buffer>>> handler) {
    handler.handle(Future.succeededFuture(new Collecting()));
  }

  private boolean isTooMuch(int bytes) {
    if (bytes > MAX_BYTES || deadline.hasPassed()) {
      exceeded = true;
    }
    return exceeded;
  }

  /** One body. It takes each part at once, so its queue is never full. */
  private final class Collecting implements BodyStream<Buffer> {

    private final Buffer collected = Buffer.buffer();
    private final Promise<Buffer> whole = Promise.promise();

    @Override
    public Future<Buffer> result() {
      return whole.future();
    }

    @Override
    public Future<Void> write(Buffer part) {
      if (isTooMuch(collected.length() + part.length())) {
        whole.tryFail("too large or too slow");
        return Future.failedFuture("too large or too slow");
      }
      collected.appendBuffer(part);
      return Future.succeededFuture();
    }

    @Override
    public void write(Buffer part, Handler<AsyncResult<Void>> handler) {
      write(part).onComplete(handler);
    }

    @Override
    public void end(@Nullable Handler<AsyncResult<Void>> handler) {
      whole.tryComplete(collected);
      if (handler != null) {
        handler.handle(Future.succeededFuture());
      }
    }

    @Override
    public void handle(Throwable broken) {
      whole.tryFail(broken);
    }

    @Override
    public Collecting exceptionHandler(@Nullable Handler<Throwable> handler) {
      return this;
    }

    @Override
    public Collecting setWriteQueueMaxSize(int size) {
      return this;
    }

    @Override
    public boolean writeQueueFull() {
      return false;
    }

    @Override
    public Collecting drainHandler(@Nullable Handler<Void> handler) {
      return this;
    }
  }
}
