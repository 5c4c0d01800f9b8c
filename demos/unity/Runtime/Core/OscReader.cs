using System;
using System.Text;

namespace Bodycast
{
    /// <summary>One OSC message inside of a datagram. It is used again for the next one: read what you need, keep nothing.</summary>
    public sealed class OscMessage
    {
        public const int MaxArguments = 512;

        internal byte[] Data;
        internal readonly int[] Offsets = new int[MaxArguments];
        internal readonly OscStrings Strings = new OscStrings();

        public string Address { get; internal set; }

        /// <summary>The arguments' types, one character for each.</summary>
        public string Types { get; internal set; }

        public int Int(int index)
        {
            int at = Offsets[index];
            return Data[at] << 24 | Data[at + 1] << 16 | Data[at + 2] << 8 | Data[at + 3];
        }

        public float Float(int index) { return new Bits { Int = Int(index) }.Float; }

        public string String(int index) { return Strings.At(Data, Offsets[index]); }

        public Vec3 Vec3(int index) { return new Vec3(Float(index), Float(index + 1), Float(index + 2)); }

        public Quat Quat(int index) { return new Quat(Float(index), Float(index + 1), Float(index + 2), Float(index + 3)); }

        [System.Runtime.InteropServices.StructLayout(System.Runtime.InteropServices.LayoutKind.Explicit)]
        private struct Bits
        {
            [System.Runtime.InteropServices.FieldOffset(0)] public int Int;
            [System.Runtime.InteropServices.FieldOffset(0)] public float Float;
        }
    }

    /// <summary>Reads Open Sound Control 1.0. Whatever the datagram holds, it never throws and never reads beyond its end.</summary>
    public sealed class OscReader
    {
        private const int MaxDepth = 8;
        private readonly OscMessage _message = new OscMessage();

        /// <summary>Call <paramref name="take"/> with each message of a datagram, those in bundles included.</summary>
        /// <returns>Whether all of it was OSC; the messages before a fault have been taken.</returns>
        public bool Read(byte[] data, int length, Action<OscMessage> take)
        {
            return ReadPacket(data, 0, Math.Min(length, data.Length), 0, take);
        }

        private bool ReadPacket(byte[] data, int start, int end, int depth, Action<OscMessage> take)
        {
            if (end - start < 4 || depth > MaxDepth || (end - start) % 4 != 0) return false;
            if (data[start] == '/') return ReadMessage(data, start, end, take);
            return data[start] == '#' && ReadBundle(data, start, end, depth, take);
        }

        private bool ReadBundle(byte[] data, int start, int end, int depth, Action<OscMessage> take)
        {
            if (end - start < 16 || _message.Strings.At(data, start) != "#bundle") return false;
            int at = start + 16; // after the name and the time tag
            while (at < end)
            {
                if (end - at < 4) return false;
                int size = data[at] << 24 | data[at + 1] << 16 | data[at + 2] << 8 | data[at + 3];
                at += 4;
                if (size < 0 || size > end - at) return false;
                if (!ReadPacket(data, at, at + size, depth + 1, take)) return false;
                at += size;
            }
            return true;
        }

        private bool ReadMessage(byte[] data, int start, int end, Action<OscMessage> take)
        {
            int types = AfterString(data, start, end);
            if (types < 0 || types >= end || data[types] != ',') return false;
            int at = AfterString(data, types, end);
            if (at < 0) return false;
            int count = 0;
            for (int tag = types + 1; data[tag] != 0; tag++)
            {
                if (count == OscMessage.MaxArguments) return false;
                _message.Offsets[count++] = at;
                at = AfterArgument(data, at, end, data[tag]);
                if (at < 0) return false;
            }
            _message.Data = data;
            _message.Address = _message.Strings.At(data, start);
            _message.Types = _message.Strings.At(data, types + 1);
            take(_message);
            return true;
        }

        private static int AfterArgument(byte[] data, int at, int end, byte type)
        {
            switch ((char)type)
            {
                case 'i': case 'f': case 'c': case 'r': case 'm': at += 4; break;
                case 'h': case 'd': case 't': at += 8; break;
                case 's': case 'S': return AfterString(data, at, end);
                case 'b': return AfterBlob(data, at, end);
                case 'T': case 'F': case 'N': case 'I': case '[': case ']': break;
                default: return -1;
            }
            return at <= end ? at : -1;
        }

        private static int AfterBlob(byte[] data, int at, int end)
        {
            if (end - at < 4) return -1;
            int size = data[at] << 24 | data[at + 1] << 16 | data[at + 2] << 8 | data[at + 3];
            if (size < 0 || size > end - at - 4) return -1;
            return at + 4 + (size + 3 & ~3);
        }

        /// <summary>Where the string that starts at <paramref name="at"/> ends with its padding; -1 if it has no end.</summary>
        private static int AfterString(byte[] data, int at, int end)
        {
            for (int last = at + 3; last < end; last += 4)
                if (data[last] == 0) return last + 1;
            return -1;
        }
    }

    /// <summary>Strings that were read before, so that a steady stream makes no garbage. The place of a string follows from its
    /// bytes, and a newer one takes the place of an older: however many strangers arrive, this never grows.</summary>
    internal sealed class OscStrings
    {
        private const int Places = 2048;
        private readonly byte[][] _bytes = new byte[Places][];
        private readonly string[] _texts = new string[Places];

        /// <summary>The string that starts at <paramref name="start"/> and ends before the next zero byte.</summary>
        public string At(byte[] data, int start)
        {
            int end = start;
            uint hash = 2166136261; // FNV-1a
            for (; end < data.Length && data[end] != 0; end++) hash = (hash ^ data[end]) * 16777619;
            uint place = (hash ^ hash >> 16) % Places;
            if (!Same(_bytes[place], data, start, end - start))
            {
                _bytes[place] = new byte[end - start];
                Array.Copy(data, start, _bytes[place], 0, end - start);
                _texts[place] = Encoding.UTF8.GetString(data, start, end - start);
            }
            return _texts[place];
        }

        private static bool Same(byte[] known, byte[] data, int start, int count)
        {
            if (known == null || known.Length != count) return false;
            for (int i = 0; i < count; i++)
                if (known[i] != data[start + i]) return false;
            return true;
        }
    }
}
