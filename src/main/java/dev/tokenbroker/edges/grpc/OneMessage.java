package dev.tokenbroker.edges.grpc;

import com.google.protobuf.Message;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.Marshaller;
import io.grpc.MethodDescriptor.PrototypeMarshaller;
import io.grpc.ServerCall;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServiceDescriptor;
import io.grpc.StatusRuntimeException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Refuses calls that do not carry exactly one readable message, with {@code REQUEST_INVALID}.
 *
 * <p>grpc-java would end them as {@code INTERNAL}, {@code UNKNOWN} or {@code RESOURCE_EXHAUSTED}.
 * Clients take such a status for a fault of the broker, or retry.
 */
final class OneMessage<Q> extends SimpleForwardingServerCallListener<Q> {

  private final ServerCall<Q, ?> call;
  private final Q unreadable;
  private final StreamEnd end = StreamEnd.current();
  private boolean received;
  private boolean ended;
  private @Nullable StatusRuntimeException refusal;

  private OneMessage(ServerCall.Listener<Q> listener, ServerCall<Q, ?> call, Q unreadable) {
    super(listener);
    this.call = call;
    this.unreadable = unreadable;
  }

  /** Wraps each method of the service, so that it takes exactly one message. */
  static ServerServiceDefinition perCall(ServerServiceDefinition service) {
    List<ServerMethodDefinition<?, ?>> methods = new ArrayList<>();
    service.getMethods().forEach(method -> methods.add(perCall(method)));
    // Reflection finds the proto file through the schema descriptor.
    var descriptor =
        ServiceDescriptor.newBuilder(service.getServiceDescriptor().getName())
            .setSchemaDescriptor(service.getServiceDescriptor().getSchemaDescriptor());
    methods.forEach(method -> descriptor.addMethod(method.getMethodDescriptor()));
    var perCall = ServerServiceDefinition.builder(descriptor.build());
    methods.forEach(perCall::addMethod);
    return perCall.build();
  }

  private static <Q, A> ServerMethodDefinition<Q, A> perCall(ServerMethodDefinition<Q, A> method) {
    MethodDescriptor<Q, A> descriptor = method.getMethodDescriptor();
    if (!(descriptor.getRequestMarshaller() instanceof PrototypeMarshaller<Q> messages)
        || !(messages.getMessagePrototype() instanceof Message prototype)) {
      throw new IllegalArgumentException(
          descriptor.getFullMethodName() + " is not a protobuf method");
    }
    // A separate instance, which onMessage recognises by identity.
    Q unreadable = messages.getMessageClass().cast(prototype.newBuilderForType().build());
    return ServerMethodDefinition.create(
        descriptor.toBuilder(
                new Tolerant<>(messages, unreadable), descriptor.getResponseMarshaller())
            .build(),
        (call, headers) ->
            new OneMessage<>(
                method.getServerCallHandler().startCall(call, headers), call, unreadable));
  }

  @Override
  @SuppressWarnings("ReferenceEquality") // A readable empty message equals it.
  public void onMessage(Q message) {
    if (message == unreadable || received) {
      refusal = message == unreadable ? RefusalStatus.unreadable() : RefusalStatus.notOneMessage();
      call.request(1); // the half-close comes after all messages
      return;
    }
    received = true;
    super.onMessage(message);
  }

  @Override
  public void onHalfClose() {
    ended = true;
    StatusRuntimeException why =
        refusal == null && !received ? RefusalStatus.notOneMessage() : refusal;
    if (why == null) {
      super.onHalfClose();
    } else {
      call.close(why.getStatus(), why.getTrailers());
    }
  }

  /**
   * Sends the refusal of a stream that grpc-java cannot read. grpc-java calls this method before it
   * ends the stream itself, so the caller gets this status.
   */
  @Override
  public void onCancel() {
    if (!ended && end.isUnreadable()) {
      ended = true;
      StatusRuntimeException why = RefusalStatus.unreadable();
      call.close(why.getStatus(), why.getTrailers());
    }
    super.onCancel();
  }

  /** Returns {@code unreadable} for a message that the strict marshaller cannot parse. */
  private record Tolerant<Q>(Marshaller<Q> strict, Q unreadable) implements Marshaller<Q> {

    @Override
    public InputStream stream(Q message) {
      return strict.stream(message);
    }

    @Override
    public Q parse(InputStream message) {
      try {
        return strict.parse(message);
      } catch (StatusRuntimeException invalid) {
        return unreadable;
      }
    }
  }
}
