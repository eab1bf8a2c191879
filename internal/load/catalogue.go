package load

// A trade is one category of messages and what can happen in it. Shapes are
// JSON in which, for every message, ~ becomes a digit from 1 to 9, # any digit
// and ^ a hexadecimal one, and in which, when the load is prepared, <word> is
// replaced by one of the words of that name.
type trade struct {
	category string
	events   []event
	follows  string // category that its messages are mostly caused by and correlated to
}

type event struct {
	name  string
	shape string
}

// catalogue holds the trades in the order in which Config.Categories takes them.
var catalogue = [...]trade{
	{category: "order", follows: "customer", events: []event{
		{"OrderPlaced", `{"orderId":"ord-~#######","customerId":"cus-~#####","currency":"<currency>","total":~##.##,"items":[{"sku":"<sku>-~###","quantity":~,"price":~#.##},{"sku":"<sku>-~###","quantity":~,"price":~#.##}],"shipTo":{"city":"<city>","zip":"~####","country":"<country>"}}`},
		{"OrderItemAdded", `{"orderId":"ord-~#######","item":{"sku":"<sku>-~###","title":"<product>","quantity":~,"price":~#.##,"taxRate":0.~#},"itemCount":~,"total":~##.##,"addedBy":"<first>.<last>@example.com","at":"2026-1~-2#T1#:<minute>:4#.###Z"}`},
		{"OrderConfirmed", `{"orderId":"ord-~#######","confirmedBy":"<first> <last>","channel":"<channel>","total":~##.##,"discount":{"code":"<coupon>","amount":~.##},"promisedFor":"2026-12-2#","note":null}`},
		{"OrderCancelled", `{"orderId":"ord-~#######","reason":"<reason>","refund":{"amount":~##.##,"currency":"<currency>","method":"<method>"},"requestedBy":"<first> <last>","itemsReturned":~,"restock":true}`},
	}},
	{category: "payment", follows: "order", events: []event{
		{"PaymentRequested", `{"paymentId":"pay-~########","orderId":"ord-~#######","amount":~##.##,"currency":"<currency>","method":"<method>","dueAt":"2026-12-0~T1#:<minute>:00Z","attempt":1,"merchant":{"id":~####,"name":"<merchant>"}}`},
		{"PaymentAuthorized", `{"paymentId":"pay-~########","amount":~##.##,"currency":"<currency>","card":{"brand":"<brand>","last4":"####","expires":"0~/2~"},"authorization":"^^^^^^^^^^^^","risk":{"score":0.##,"flags":[]},"gateway":"<gateway>"}`},
		{"PaymentCaptured", `{"paymentId":"pay-~########","captured":~##.##,"fee":~.##,"net":~##.##,"currency":"<currency>","settlement":{"batch":~#####,"date":"2026-11-2#"},"reference":"^^^^^^^^-^^^^-4^^^","gateway":"<gateway>"}`},
		{"PaymentDeclined", `{"paymentId":"pay-~########","amount":~##.##,"currency":"<currency>","code":"<decline>","retryable":true,"attempt":~,"card":{"brand":"<brand>","last4":"####"},"message":"Declined by the issuer: <decline>"}`},
	}},
	{category: "shipment", follows: "order", events: []event{
		{"ShipmentPrepared", `{"shipmentId":"shp-~#######","orderId":"ord-~#######","warehouse":"<city>-~","parcels":[{"weightGrams":~###,"size":[~#,~#,~#]}],"carrier":"<carrier>","service":"<service>","insured":~##.##}`},
		{"ShipmentDispatched", `{"shipmentId":"shp-~#######","tracking":"<country>~########","carrier":"<carrier>","from":{"city":"<city>","lat":5#.####,"lon":1#.####},"to":{"city":"<city>","zip":"~####"},"expected":"2026-12-0~","co2Grams":~##}`},
		{"ShipmentScanned", `{"shipmentId":"shp-~#######","location":{"hub":"<city> ~#","lat":5#.####,"lon":1#.####},"at":"2026-11-2#T1#:<minute>:2#.###Z","temperature":1#.#,"operator":"<first> <last>","sequence":~#}`},
		{"ShipmentDelivered", `{"shipmentId":"shp-~#######","deliveredAt":"2026-11-2#T1#:<minute>:3#.###Z","signedBy":"<first> <last>","place":"<place>","attempts":~,"photo":"https://cdn.example.com/pod/^^^^^^^^^^^^^^^^.jpg"}`},
	}},
	{category: "account", follows: "payment", events: []event{
		{"AccountOpened", `{"accountId":"acc-~######","owner":{"name":"<first> <last>","born":"19~#-0~-1#","country":"<country>"},"currency":"<currency>","limit":~###.00,"iban":"DE##~###############","product":"<account>"}`},
		{"Deposited", `{"accountId":"acc-~######","amount":~###.##,"currency":"<currency>","balance":~####.##,"source":{"kind":"<method>","reference":"^^^^^^^^^^^^"},"transaction":~###############,"effective":"2026-11-2#T0#:<minute>:1#.###Z"}`},
		{"Withdrawn", `{"accountId":"acc-~######","amount":~##.##,"currency":"<currency>","balance":~###.##,"terminal":{"id":"T~####","city":"<city>"},"transaction":~###############,"fee":0.~#,"effective":"2026-11-2#T0#:<minute>:5#.###Z"}`},
		{"InterestAccrued", `{"accountId":"acc-~######","period":"2026-1~","rate":0.0~##,"basis":~####.##,"interest":~.####,"balance":~####.##,"days":~#,"currency":"<currency>","rule":"act/365"}`},
	}},
	{category: "customer", follows: "", events: []event{
		{"CustomerRegistered", `{"customerId":"cus-~#####","name":{"first":"<first>","last":"<last>"},"email":"<first>.<last>~#@example.com","phone":"+49 1~# ~######","address":{"street":"<street> ~#","city":"<city>","zip":"~####"},"newsletter":true}`},
		{"CustomerMoved", `{"customerId":"cus-~#####","from":{"street":"<street> ~#","city":"<city>","zip":"~####"},"to":{"street":"<street> ~#","city":"<city>","zip":"~####"},"validFrom":"2026-12-0~","verified":false}`},
		{"ConsentGiven", `{"customerId":"cus-~#####","purposes":["<purpose>","<purpose>"],"channel":"<channel>","ip":"10.~#.1##.~#","userAgent":"Mozilla/5.0 (<device>) AppleWebKit/6~#.1","version":~,"expires":"2027-0~-1#"}`},
	}},
	{category: "invoice", follows: "order", events: []event{
		{"InvoiceIssued", `{"invoiceId":"inv-2026-~#####","orderId":"ord-~#######","lines":[{"text":"<product>","net":~#.##,"vat":0.19},{"text":"<product>","net":~#.##,"vat":0.07}],"total":~##.##,"currency":"<currency>","due":"2026-12-1#"}`},
		{"InvoicePaid", `{"invoiceId":"inv-2026-~#####","paymentId":"pay-~########","amount":~##.##,"currency":"<currency>","paidAt":"2026-11-2#T1#:<minute>:0#.###Z","daysLate":~,"ledger":{"debit":~###,"credit":~###}}`},
	}},
	{category: "inventory", follows: "order", events: []event{
		{"StockReserved", `{"sku":"<sku>-~###","warehouse":"<city>-~","quantity":~,"available":~##,"reservation":"^^^^^^^^-^^^^-4^^^-a^^^-^^^^^^^^^^^^","until":"2026-11-2#T1#:<minute>:00Z","orderId":"ord-~#######"}`},
		{"StockCounted", `{"sku":"<sku>-~###","product":"<product>","warehouse":"<city>-~","counted":~##,"booked":~##,"difference":-~,"shelf":{"aisle":~#,"level":~},"countedBy":"<first> <last>","value":~###.##}`},
	}},
	{category: "cart", follows: "customer", events: []event{
		{"CartUpdated", `{"cartId":"crt-~#######","items":[{"sku":"<sku>-~###","quantity":~},{"sku":"<sku>-~###","quantity":~}],"subtotal":~##.##,"currency":"<currency>","session":"^^^^^^^^^^^^^^^^","device":"<device>","abandoned":false}`},
		{"CartCheckedOut", `{"cartId":"crt-~#######","orderId":"ord-~#######","total":~##.##,"currency":"<currency>","coupon":"<coupon>","durationSeconds":~##,"steps":["cart","address","<method>","done"],"device":"<device>"}`},
	}},
}

// words are what <word> stands for; all are safe inside a JSON string.
var words = map[string][]string{
	"account":  {"giro", "savings", "business", "youth"},
	"brand":    {"visa", "mastercard", "amex", "girocard"},
	"carrier":  {"DHL", "UPS", "Hermes", "DPD", "PostNord"},
	"channel":  {"web", "app", "store", "phone", "partner"},
	"city":     {"Berlin", "Köln", "Wien", "Zürich", "Paris", "Kraków", "Århus", "Porto"},
	"country":  {"DE", "AT", "CH", "FR", "PL", "DK", "PT"},
	"coupon":   {"WELCOME10", "AUTUMN5", "BULK20", "FRIEND15"},
	"currency": {"EUR", "USD", "CHF", "PLN", "DKK"},
	"decline":  {"insufficient_funds", "expired_card", "do_not_honor", "limit_exceeded"},
	"device":   {"iPhone; iOS 19", "Linux; Android 16", "Macintosh", "Windows NT 11.0"},
	"first":    {"Anna", "Björn", "Chloé", "David", "Ewa", "Felix", "Greta", "Hugo", "Inês", "Jan"},
	"gateway":  {"adyen", "stripe", "worldline", "payone"},
	"last":     {"Schmidt", "Dubois", "Nowak", "Jensen", "Silva", "Huber", "Keller", "Larsen"},
	"merchant": {"Nordlicht GmbH", "Café Mondial", "Buch & Bild", "Velo Werk"},
	"method":   {"card", "paypal", "sepa", "invoice", "transfer"},
	"minute":   {"04", "11", "19", "26", "33", "42", "48", "57"},
	"place":    {"front door", "neighbour", "parcel locker", "reception"},
	"product":  {"Espresso beans 1 kg", "Desk lamp \\\"Lumen\\\"", "Trekking bag 40 l", "Notebook A5", "Wool scarf"},
	"purpose":  {"email", "analytics", "profiling", "partners", "sms"},
	"reason":   {"changed my mind", "found it cheaper", "delivery too late", "ordered twice"},
	"service":  {"standard", "express", "same-day", "economy"},
	"sku":      {"BK", "LMP", "COF", "TX", "GRD", "KIT"},
	"street":   {"Lindenstraße", "Rue de la Paix", "Hauptstraße", "Nørregade", "Rua do Sol"},
}
