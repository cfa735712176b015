package dev.tokenbroker.peers.store;

import io.vertx.core.Vertx;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetSocket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Forwards connections to a port of loopback, what the server sends only after a while. */
final class SlowLink implements AutoCloseable {

  private final Vertx vertx = Vertx.vertx();
  private final Set<NetSocket> connected = ConcurrentHashMap.newKeySet();
  private volatile int port;
  private final NetServer server;
  private volatile long delayMillis;

  SlowLink(int port) {
    this.port = port;
    this.server =
        vertx
            .createNetServer()
            .connectHandler(this::connected)
            .listen(0, "127.0.0.1")
            .toCompletionStage()
            .toCompletableFuture()
            .join();
  }

  int port() {
    return server.actualPort();
  }

  /** Ends all connections, and forwards further ones to that port. */
  void to(int other) {
    port = other;
    connected.forEach(NetSocket::close);
  }

  void delay(long millis) {
    delayMillis = millis;
  }

  private void connected(NetSocket near) {
    near.pause();
    connected.add(near);
    vertx
        .createNetClient()
        .connect(port, "127.0.0.1")
        .onFailure(_ -> near.close())
        .onSuccess(
            far -> {
              near.handler(far::write)
                  .closeHandler(
                      _ -> {
                        far.close();
                        connected.remove(near);
                      });
              far.handler(
                      bytes -> {
                        long millis = delayMillis;
                        if (millis == 0) {
                          near.write(bytes);
                        } else {
                          vertx.setTimer(millis, _ -> near.write(bytes));
                        }
                      })
                  .closeHandler(_ -> near.close());
              near.resume();
            });
  }

  @Override
  public void close() {
    vertx.close().toCompletionStage().toCompletableFuture().join();
  }
}
