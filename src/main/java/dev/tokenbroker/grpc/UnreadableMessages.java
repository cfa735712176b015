package dev.tokenbroker.grpc;

import com.google.protobuf.Message;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.Marshaller;
import io.grpc.MethodDescriptor.PrototypeMarshaller;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServiceDescriptor;
import io.grpc.StatusRuntimeException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;

/**
 * Has messages that are no protobuf of their method refused like any other request that is not
 * well-formed. The server below would reset the stream, which callers see as {@code INTERNAL}: a
 * bug of ours, and worth trying again.
 */
final class UnreadableMessages {

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
    Q unreadable = messages.getMessageClass().cast(prototype.newBuilderForType().build());
    return ServerMethodDefinition.create(
        descriptor.toBuilder(
                new Tolerant<>(messages, unreadable), descriptor.getResponseMarshaller())
            .build(),
        refusing(method.getServerCallHandler(), unreadable));
  }

  private static <Q, A> ServerCallHandler<Q, A> refusing(
      ServerCallHandler<Q, A> handler, Q unreadable) {
    return (call, headers) ->
        new SimpleForwardingServerCallListener<>(handler.startCall(call, headers)) {
          private boolean refused;

          @Override
          @SuppressWarnings("ReferenceEquality") // An empty message equals it, and is readable.
          public void onMessage(Q message) {
            if (message == unreadable) {
              refused = true;
              refuse(call);
            } else {
              super.onMessage(message);
            }
          }

          @Override
          public void onHalfClose() {
            if (!refused) {
              super.onHalfClose();
            }
          }
        };
  }

  private static void refuse(ServerCall<?, ?> call) {
    StatusRuntimeException refusal = RefusalStatus.unreadable();
    call.close(refusal.getStatus(), refusal.getTrailers());
  }

  /** Reads what it can, and stands the rest in for by one instance. */
  private record Tolerant<Q>(Marshaller<Q> strict, Q unreadable) implements Marshaller<Q> {

    @Override
    public InputStream stream(Q message) {
      return strict.stream(message);
    }

    @Override
    public Q parse(InputStream stream) {
      try {
        return strict.parse(stream);
      } catch (StatusRuntimeException invalid) {
        return unreadable;
      }
    }
  }
}
