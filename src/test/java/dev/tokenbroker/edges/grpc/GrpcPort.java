package dev.tokenbroker.edges.grpc;

import jakarta.enterprise.inject.spi.CDI;
import java.net.URI;

/** Where the gRPC server of the running test application listens. */
public final class GrpcPort {

  private GrpcPort() {}

  public static int current() {
    return CDI.current().select(GrpcServer.class).get().port();
  }

  static URI uri() {
    return URI.create("http://localhost:" + current() + "/");
  }
}
