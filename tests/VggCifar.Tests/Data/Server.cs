using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace VggCifar.Tests.Data;

/// <summary>A web server on this machine with one file; it can break off or fall silent in the middle of it.</summary>
internal sealed class Server : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly Task _serving;

    // A proxy that the machine's environment names would be asked for 127.0.0.1 as well.
    static Server() => Environment.SetEnvironmentVariable("NO_PROXY", "127.0.0.1");

    public Server(byte[] content, int? sends = null, bool hangs = false)
    {
        _listener.Start();
        var port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        Address = new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}/archive.tar.gz"));
        _serving = Serve(content, sends ?? content.Length, hangs);
    }

    public Uri Address { get; }

    public void Dispose()
    {
        _listener.Stop();
        try
        {
            _serving.Wait();
        }
        catch (AggregateException)
        {
            // Stopped while it waited for a caller, or the caller hung up.
        }
    }

    private async Task Serve(byte[] content, int sends, bool hangs)
    {
        while (true)
        {
            using var client = await _listener.AcceptTcpClientAsync();
            using var stream = client.GetStream();
            using var reader = new StreamReader(stream, Encoding.ASCII);
            var request = await reader.ReadLineAsync() ?? "";
            while (await reader.ReadLineAsync() is { Length: > 0 })
            {
            }

            if (!request.Contains("archive", StringComparison.Ordinal))
            {
                await stream.WriteAsync("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"u8.ToArray());
                continue;
            }

            await stream.WriteAsync(Encoding.ASCII.GetBytes(string.Create(
                CultureInfo.InvariantCulture,
                $"HTTP/1.1 200 OK\r\nContent-Length: {content.Length}\r\nConnection: close\r\n\r\n")));
            await stream.WriteAsync(content.AsMemory(0, sends));
            if (hangs)
                _ = await reader.ReadLineAsync(); // returns when the caller hangs up
        }
    }
}
