package dev.tokenbroker.grpc;

import com.google.protobuf.Message;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.KnownLength;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.Marshaller;
import io.grpc.MethodDescriptor.PrototypeMarshaller;
import io.grpc.ServerCall;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServiceDescriptor;
import io.grpc.StatusRuntimeException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Has calls that do not carry exactly one message of their method refused like any other request
 * that is not well-formed. The server below would reset the stream, or end in {@code INTERNAL}: a
 * bug of ours, and worth trying again.
 *
 * <p>Compressed messages are read to {@value #MAX_BYTES} bytes, which is what the server reads of
 * others; a gzip of that size can hold a thousand times as much.
 */
final class UnreadableMessages {

  static final int MAX_BYTES = 256 * 1024;

  private UnreadableMessages() {}

  /** The same service, over the same messages. */
  static ServerServiceDefinition refusedBy(ServerServiceDefinition service) {
    List<ServerMethodDefinition<?, ?>> methods = new ArrayList<>();
    service.getMethods().forEach(method -> methods.add(refusing(method)));
    // Reflection finds the proto file through the schema.
    var descriptor =
        ServiceDescriptor.newBuilder(service.getServiceDescriptor().getName())
            .setSchemaDescriptor(service.getServiceDescriptor().getSchemaDescriptor());
    methods.forEach(method -> descriptor.addMethod(method.getMethodDescriptor()));
    var refusing = ServerServiceDefinition.builder(descriptor.build());
    methods.forEach(refusing::addMethod);
    return refusing.build();
  }

  private static <Q, A> ServerMethodDefinition<Q, A> refusing(ServerMethodDefinition<Q, A> method) {
    MethodDescriptor<Q, A> descriptor = method.getMethodDescriptor();
    if (!(descriptor.getRequestMarshaller() instanceof PrototypeMarshaller<Q> messages)
        || !(messages.getMessagePrototype() instanceof Message prototype)) {
      throw new IllegalArgumentException(descriptor.getFullMethodName() + " is no protobuf method");
    }
    Unread<Q> unread = new Unread<>(instance(messages, prototype), instance(messages, prototype));
    return ServerMethodDefinition.create(
        descriptor.toBuilder(new Tolerant<>(messages, unread), descriptor.getResponseMarshaller())
            .build(),
        (call, headers) ->
            new OneMessage<>(method.getServerCallHandler().startCall(call, headers), call, unread));
  }

  private static <Q> Q instance(PrototypeMarshaller<Q> messages, Message prototype) {
    return messages.getMessageClass().cast(prototype.newBuilderForType().build());
  }

  /** Stand for messages that were not read, by their identity. */
  private record Unread<Q>(Q unreadable, Q tooLarge) {}

  /**
   * Lets one message through, and the end of a call that had one. Refuses at the end, too: the
   * server goes on with what it has received of a call that was answered in between.
   */
  private static final class OneMessage<Q> extends SimpleForwardingServerCallListener<Q> {

    private final ServerCall<Q, ?> call;
    private final Unread<Q> unread;
    private boolean received;
    private @Nullable StatusRuntimeException refusal;

    OneMessage(ServerCall.Listener<Q> listener, ServerCall<Q, ?> call, Unread<Q> unread) {
      super(listener);
      this.call = call;
      this.unread = unread;
    }

    @Override
    @SuppressWarnings("ReferenceEquality") // An empty message equals them, and is readable.
    public void onMessage(Q message) {
      if (message == unread.unreadable()) {
        refuse(RefusalStatus.unreadable());
      } else if (message == unread.tooLarge()) {
        refuse(RefusalStatus.tooLarge());
      } else if (received) {
        refuse(RefusalStatus.notOneMessage());
      } else {
        received = true;
        super.onMessage(message);
      }
    }

    @Override
    public void onHalfClose() {
      if (refusal != null) {
        call.close(refusal.getStatus(), refusal.getTrailers());
      } else if (!received) {
        StatusRuntimeException none = RefusalStatus.notOneMessage();
        call.close(none.getStatus(), none.getTrailers());
      } else {
        super.onHalfClose();
      }
    }

    private void refuse(StatusRuntimeException why) {
      refusal = refusal == null ? why : refusal;
      // The end comes after all of them.
      call.request(1);
    }
  }

  /** Reads what it can. */
  private record Tolerant<Q>(Marshaller<Q> strict, Unread<Q> unread) implements Marshaller<Q> {

    @Override
    public InputStream stream(Q message) {
      return strict.stream(message);
    }

    @Override
    public Q parse(InputStream message) {
      // The server knows how long those are that came as they are.
      Bounded bounded = new Bounded(message);
      try {
        return strict.parse(message instanceof KnownLength ? message : bounded);
      } catch (StatusRuntimeException invalid) {
        return bounded.exceeded ? unread.tooLarge() : unread.unreadable();
      }
    }
  }

  /** Fails where there is more than may be read. */
  private static final class Bounded extends FilterInputStream {

    private int left = MAX_BYTES;
    private boolean exceeded;

    Bounded(InputStream unbounded) {
      super(unbounded);
    }

    @Override
    public int read() throws IOException {
      int next = super.read();
      count(next < 0 ? 0 : 1);
      return next;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      int some = super.read(bytes, offset, length);
      count(Math.max(some, 0));
      return some;
    }

    // Where a field says that it is longer than its message, protobuf skips to the end of that one.
    @Override
    public long skip(long bytes) throws IOException {
      int some = (int) super.skip(Math.min(bytes, Math.max(left, 0) + 1L));
      count(some);
      return some;
    }

    private void count(int bytes) throws IOException {
      left -= bytes;
      if (left < 0) {
        exceeded = true;
        throw new IOException("more than " + MAX_BYTES + " bytes");
      }
    }
  }
}
