package dev.tokenbroker.edges.grpc;

import dev.tokenbroker.process.runtime.Unchecked;
import dev.tokenbroker.v1.TokenBrokerGrpc;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import java.io.ByteArrayInputStream;
import java.io.InputStream;

/**
 * Messages as the bytes that they are on the wire: some may be none, and none is made again for
 * each call.
 */
public final class RawMessages implements MethodDescriptor.Marshaller<byte[]> {

  /** {@code ExchangeToken}, asked and answered in bytes. */
  public static final MethodDescriptor<byte[], byte[]> EXCHANGE =
      of(TokenBrokerGrpc.getExchangeTokenMethod().getFullMethodName());

  private RawMessages() {}

  /** A method of one message each way, by its full name. */
  public static MethodDescriptor<byte[], byte[]> of(String method) {
    return MethodDescriptor.newBuilder(new RawMessages(), new RawMessages())
        .setType(MethodType.UNARY)
        .setFullMethodName(method)
        .build();
  }

  @Override
  public InputStream stream(byte[] message) {
    return new ByteArrayInputStream(message);
  }

  @Override
  public byte[] parse(InputStream stream) {
    return Unchecked.get(stream::readAllBytes);
  }
}
